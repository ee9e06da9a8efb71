package schemas

import (
	"crypto/sha256"
	"io/fs"
	"sync"
)

// Digest is the SHA-256 of the contract: of the names and the contents of its files. Two
// builds of hookproof with equal digests judge payloads by the same rules.
func Digest() [sha256.Size]byte { return digest() }

var digest = sync.OnceValue(func() [sha256.Size]byte {
	h := sha256.New()
	err := fs.WalkDir(files, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		content, err := files.ReadFile(name)
		_, _ = h.Write([]byte(name + "\x00"))
		_, _ = h.Write(content)
		return err
	})
	if err != nil {
		panic("schemas: embedded files cannot be read: " + err.Error()) // no input can cause it
	}
	return [sha256.Size]byte(h.Sum(nil))
})
