import com.google.gson.Gson;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import com.google.gson.JsonPrimitive;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** A webhook receiver on the JDK's own server. It answers at once and works afterwards. */
public class Receiver {
    static final int MAX_BODY = 1024 * 1024;
    static final Map<String, List<String>> MEMBERS = Map.of(
            "message_sent", List.of("id"),
            "message_deleted", List.of("id"),
            "user_mentioned", List.of("id"),
            "message_edited", List.of("id", "updatedAt"));

    static final byte[] EXPECTED = Base64.getEncoder().encode(
            (System.getenv("WEBHOOK_USER") + ":" + System.getenv("WEBHOOK_PASS")).getBytes(StandardCharsets.UTF_8));
    static final ExecutorService worker = Executors.newSingleThreadExecutor();
    /** How often each event was worked on; a database in real life. */
    static final Map<String, Integer> effects = new ConcurrentHashMap<>();

    public static void main(String[] args) throws IOException {
        int port = Integer.parseInt(System.getenv().getOrDefault("PORT", "8080"));
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 0);
        server.setExecutor(Executors.newCachedThreadPool());
        server.createContext("/webhook", Receiver::webhook);
        server.createContext("/effects", Receiver::observe);
        server.start();
    }

    static void webhook(HttpExchange exchange) throws IOException {
        try (exchange) {
            byte[] body = exchange.getRequestBody().readNBytes(MAX_BODY + 1);
            if (!authorized(exchange)) {
                exchange.getResponseHeaders().set("WWW-Authenticate", "Basic realm=\"webhook\"");
                exchange.sendResponseHeaders(401, -1);
            } else if (!exchange.getRequestURI().getPath().equals("/webhook")) {
                exchange.sendResponseHeaders(404, -1); // a context has everything that begins with its path
            } else if (!exchange.getRequestMethod().equals("POST")) {
                exchange.getResponseHeaders().set("Allow", "POST");
                exchange.sendResponseHeaders(405, -1);
            } else if (body.length > MAX_BODY) {
                exchange.sendResponseHeaders(413, -1);
            } else {
                JsonObject event = parse(body);
                if (event != null) worker.execute(() -> work(event));
                exchange.sendResponseHeaders(event != null ? 200 : 400, -1);
            }
        }
    }

    static boolean authorized(HttpExchange exchange) {
        List<String> headers = exchange.getRequestHeaders().getOrDefault("Authorization", List.of());
        if (headers.size() != 1) return false;
        String[] parts = headers.get(0).split(" ", 2);
        return parts.length == 2 && parts[0].equalsIgnoreCase("basic")
                && MessageDigest.isEqual(parts[1].getBytes(StandardCharsets.UTF_8), EXPECTED);
    }

    /** Returns the event, null if the body is none. */
    static JsonObject parse(byte[] body) {
        try {
            JsonElement root = JsonParser.parseString(new String(body, StandardCharsets.UTF_8));
            return root instanceof JsonObject event
                    && event.get("trigger") instanceof JsonPrimitive trigger && trigger.isString()
                    && event.get("data") instanceof JsonObject ? event : null;
        } catch (JsonParseException e) {
            return null;
        }
    }

    static void work(JsonObject event) {
        String key = keyOf(event);
        if (key != null) effects.putIfAbsent(key, 1);
    }

    /** The idempotency key of an event, null for what this receiver has no use for. */
    static String keyOf(JsonObject event) {
        String trigger = event.get("trigger").getAsString();
        List<String> members = MEMBERS.get(trigger);
        if (members == null || !(event.getAsJsonObject("data").get("message") instanceof JsonObject message)) return null;
        StringBuilder key = new StringBuilder(text(event, "webhook")).append('|').append(trigger);
        for (String member : members) key.append('|').append(text(message, member));
        return key.toString();
    }

    static String text(JsonObject object, String member) {
        return object.get(member) instanceof JsonPrimitive value ? value.getAsString() : "";
    }

    static void observe(HttpExchange exchange) throws IOException {
        try (exchange) {
            if (!authorized(exchange)) {
                exchange.getResponseHeaders().set("WWW-Authenticate", "Basic realm=\"webhook\"");
                exchange.sendResponseHeaders(401, -1);
                return;
            }
            byte[] answer = new Gson().toJson(effects).getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders().set("Content-Type", "application/json");
            exchange.sendResponseHeaders(200, answer.length);
            exchange.getResponseBody().write(answer);
        }
    }
}
