package schemas

import (
	"io/fs"
	"testing"
)

// WithFiles lets f see another contract. Nothing else may run beside it.
func WithFiles(t *testing.T, fsys fs.FS, f func()) {
	t.Helper()
	c, err := load(fsys)
	if err != nil {
		t.Fatal(err)
	}
	usual := theContract
	theContract = func() *contract { return c }
	defer func() { theContract = usual }()
	f()
}
