package main

import (
	"bytes"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// newFile is a file to be written whole or not at all: what is there stays
// until the new content is complete. What is no regular file, such as a pipe,
// is written in place.
type newFile struct {
	name    string // as the user wrote it
	path    string // with symbolic links followed
	special bool
}

// openNew finds out, by trying, whether the file can be written later.
func openNew(name string) (*newFile, error) {
	f := &newFile{name: name, path: filepath.Clean(name)}
	if resolved, err := filepath.EvalSymlinks(name); err == nil {
		f.path = resolved
	}
	info, err := os.Stat(f.path)
	switch {
	case err == nil && info.IsDir():
		return nil, errors.New("is a directory: want a file")
	case err == nil && !info.Mode().IsRegular():
		f.special = true
		return f, nil
	}
	temp, err := f.temporary()
	if err != nil {
		return nil, fmt.Errorf("cannot be written: %w", cause(err))
	}
	return f, errors.Join(temp.Close(), os.Remove(temp.Name()))
}

func (f *newFile) temporary() (*os.File, error) {
	name := filepath.Join(filepath.Dir(f.path), "."+filepath.Base(f.path)+"."+rand.Text()[:8])
	return os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
}

// write replaces the file's content with what emit writes.
func (f *newFile) write(emit func(io.Writer) error) error {
	var content bytes.Buffer
	if err := emit(&content); err != nil {
		return err
	}
	if err := f.replace(content.Bytes()); err != nil {
		return fmt.Errorf("%s: cannot be written: %w", f.name, cause(err))
	}
	return nil
}

// stream is write for what may not fit into memory.
func (f *newFile) stream(emit func(io.Writer) error) (err error) {
	failed := func(err error) error { return fmt.Errorf("%s: cannot be written: %w", f.name, cause(err)) }
	if f.special {
		out, err := os.OpenFile(f.path, os.O_WRONLY, 0)
		if err != nil {
			return failed(err)
		}
		return errors.Join(emit(out), out.Close())
	}
	temp, err := f.temporary()
	if err != nil {
		return failed(err)
	}
	err = errors.Join(emit(temp), temp.Close())
	if err == nil {
		err = os.Rename(temp.Name(), f.path)
	}
	if err != nil {
		return errors.Join(err, os.Remove(temp.Name()))
	}
	return nil
}

func (f *newFile) replace(content []byte) (err error) {
	if f.special {
		out, err := os.OpenFile(f.path, os.O_WRONLY, 0)
		if err != nil {
			return err
		}
		_, err = out.Write(content)
		return errors.Join(err, out.Close())
	}
	temp, err := f.temporary()
	if err != nil {
		return err
	}
	_, err = temp.Write(content)
	if err = errors.Join(err, temp.Close()); err == nil {
		err = os.Rename(temp.Name(), f.path)
	}
	if err != nil {
		return errors.Join(err, os.Remove(temp.Name()))
	}
	return nil
}

// cause is what the system said, without the path, which may be one the user
// never wrote.
func cause(err error) error {
	if e, ok := errors.AsType[*fs.PathError](err); ok {
		return e.Err
	}
	if e, ok := errors.AsType[*os.LinkError](err); ok {
		return e.Err
	}
	return err
}
