import com.sun.source.util.JavacTask;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import javax.tools.Diagnostic;
import javax.tools.DiagnosticCollector;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;

/** Parses the files that it is given, each a snippet of Java, and tells of each that is none. */
public class Parse {
    public static void main(String[] files) throws Exception {
        for (String file : files) {
            String code = Files.readString(Path.of(file), StandardCharsets.UTF_8);
            String asMembers = errors("class Snippet {\n" + code + "\n}");
            if (asMembers.isEmpty() || errors(code).isEmpty() || errors("class Snippet { Object run() throws Exception {\n" + code + "\n} }").isEmpty()) {
                continue;
            }
            System.out.println(Path.of(file).getFileName() + ": " + asMembers);
        }
    }

    private static String errors(String code) throws Exception {
        var source = new SimpleJavaFileObject(URI.create("string:///Snippet.java"), JavaFileObject.Kind.SOURCE) {
            @Override
            public CharSequence getCharContent(boolean ignore) {
                return code;
            }
        };
        var found = new DiagnosticCollector<JavaFileObject>();
        var task = ToolProvider.getSystemJavaCompiler().getTask(null, null, found, List.of("-proc:none"), null, List.of(source));
        ((JavacTask) task).parse();
        var text = new StringBuilder();
        for (var d : found.getDiagnostics()) {
            if (d.getKind() == Diagnostic.Kind.ERROR) {
                text.append(d.getMessage(null)).append(" in line ").append(d.getLineNumber() - 1).append("; ");
            }
        }
        return text.toString();
    }
}
