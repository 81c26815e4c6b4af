// Package atomicfile reads files up to a bound, and writes them whole or not at all: through a temporary file beside the target, with the mode that
// the target will have, which takes the target's place once it is complete. What cannot be replaced so is written in
// place, and never replaced or removed: a device, a pipe, one of the process's own streams (/dev/stdout, also where it
// is redirected to a file), a file that is a mount of its own or whose owner could not be kept.
//
// Nothing is written where a neighbour on the machine chose the place: a link that another user owns is refused, and so
// is what another user put into a folder that is everybody's.
package atomicfile

import (
	"bufio"
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"sync"
)

// prefix is how the name of a temporary file begins.
const prefix = ".verifik-contract-"

// ErrUnread is why something was not written to the end: nobody read from the pipe before the context ended.
var ErrUnread = errors.New("nobody reads from it")

var errFolder = errors.New("it is a folder: name a file in it")

// Files writes files, and knows which temporary ones lie about meanwhile. The zero value is ready; its methods may be
// called from several goroutines.
type Files struct {
	mutex     sync.Mutex
	temporary []string
	abandoned bool
}

// Abandon removes the temporary files of what is being written and keeps anything further from being made: for a
// process that is about to end in the middle of its work.
func (f *Files) Abandon() {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	f.abandoned = true
	for _, path := range f.temporary {
		_ = os.Remove(path) // there is no time left to complain
	}
}

// Write writes what write makes, and makes the folders that it needs. The context bounds how long a pipe is waited for
// that nobody reads from; then the error is ErrUnread. An error does not name the path.
func (f *Files) Write(ctx context.Context, path string, write func(io.Writer) error) error {
	return Reason(f.write(ctx, path, write))
}

func (f *Files) write(ctx context.Context, path string, write func(io.Writer) error) error {
	p, err := find(path)
	if err != nil {
		return err
	}
	var file *os.File
	if !p.special() {
		if err := os.MkdirAll(filepath.Dir(p.path), 0o755); err != nil {
			return err
		}
		if file, err = f.create(p); err != nil && !p.stays(err) {
			return err
		}
	}
	if file == nil {
		var content bytes.Buffer
		if err := write(&content); err != nil {
			return err
		}
		return p.fill(ctx, &content)
	}
	defer f.discard(file)
	buffered := bufio.NewWriter(file)
	if err = write(buffered); err == nil {
		err = buffered.Flush()
	}
	var failed *fs.PathError
	if errors.As(err, &failed) && failed.Path == file.Name() {
		return failed.Err // nobody knows the temporary file's name
	}
	if err != nil {
		return err
	}
	if err := errors.Join(file.Sync(), file.Close()); err != nil { // Windows renames no open file
		return err
	}
	if err = os.Rename(file.Name(), p.path); !p.stays(err) { // or Abandon has removed it
		return err
	}
	content, err := os.Open(file.Name())
	if err != nil {
		return err
	}
	defer content.Close()
	return p.fill(ctx, content)
}

// errAbandoned is never seen by anyone but a goroutine of a process that ends.
var errAbandoned = errors.New("the process ends")

// errOwner is why a file is written in place: a new one in its stead would belong to somebody else.
var errOwner = errors.New("its owner cannot be kept")

// create makes the temporary file. A file that is there already hands on its mode and its owner; a new one gets what
// the umask leaves.
func (f *Files) create(p place) (*os.File, error) {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	if f.abandoned {
		return nil, errAbandoned
	}
	mode := fs.FileMode(0o666)
	if p.info != nil {
		mode = 0o600 // until its owner is the right one
	}
	name := filepath.Join(filepath.Dir(p.path), prefix+rand.Text())
	file, err := os.OpenFile(name, os.O_RDWR|os.O_CREATE|os.O_EXCL, mode)
	if err != nil {
		return nil, err
	}
	if p.info != nil {
		if err := like(file, p.info); err != nil {
			return nil, errors.Join(err, file.Close(), os.Remove(name))
		}
	}
	f.temporary = append(f.temporary, name)
	return file, nil
}

// discard takes away what is left of a temporary file.
func (f *Files) discard(file *os.File) {
	_ = file.Close() // it was closed, or what matters has failed already
	f.mutex.Lock()
	defer f.mutex.Unlock()
	f.temporary = slices.DeleteFunc(f.temporary, func(name string) bool { return name == file.Name() })
	_ = os.Remove(file.Name()) // it may have taken its place
}

// Check reports before the work why a file could not be written after it; nil: it can. It leaves nothing behind: folders
// that have to be made are made by Write. A pipe is not opened, which would wait for its reader. The error does not name
// the path.
func Check(path string) error { return Reason(check(path)) }

func check(path string) error {
	p, err := find(path)
	if err != nil {
		return err
	}
	if p.special() || p.info != nil {
		if err := p.check(); err != nil || p.special() {
			return err
		}
	}
	folder := filepath.Dir(p.path)
	for {
		above := filepath.Dir(folder)
		if _, err := os.Stat(folder); !errors.Is(err, fs.ErrNotExist) || above == folder { // a drive that is not there
			break
		}
		folder = above
	}
	probe, err := os.CreateTemp(folder, prefix+"*")
	switch {
	case p.stays(err):
		return nil // it is written in place
	case err != nil:
		return fmt.Errorf("nothing can be written to the folder %q: %w", folder, Reason(err))
	}
	return errors.Join(probe.Close(), os.Remove(probe.Name()))
}

// Remove takes a file away that must not be taken for a new one. What Write would not replace stays; of that, a regular
// file is emptied.
func Remove(path string) error {
	p, err := find(path)
	if err != nil || p.info == nil || p.special() {
		return err
	}
	if err = os.Remove(p.path); p.stays(err) {
		return os.Truncate(p.path, 0)
	}
	return err
}

// Reason returns what the system said, without the path, which may be that of a temporary file.
func Reason(err error) error {
	var path *fs.PathError
	var link *os.LinkError
	switch {
	case errors.As(err, &path) && err.Error() == path.Error():
		return path.Err
	case errors.As(err, &link) && err.Error() == link.Error():
		return link.Err
	}
	return err
}

// Special reports whether a path is written in place for what it is: a device, a pipe, a stream of the process.
func Special(path string) bool {
	p, err := find(path)
	return err == nil && p.special()
}

// Pipe reports whether a path is a named pipe, which is waited for until somebody reads from it.
func Pipe(path string) bool {
	p, err := find(path)
	return err == nil && p.info != nil && p.info.Mode()&fs.ModeNamedPipe != 0
}

// Read reads a file that a person wrote, or a pipe, as `--var-file <(decrypt secrets)` gives one. Of no file more than a byte too
// many is read: it may be a device without end. The byte order mark that some editors begin a file with is left out. limit is in bytes.
func Read(path string, limit int64) ([]byte, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	data, err := io.ReadAll(io.LimitReader(file, limit+1))
	if err == nil && int64(len(data)) > limit {
		err = &fs.PathError{Op: "read", Path: path, Err: fmt.Errorf("it is larger than %d KiB, the most that is read of such a file", limit>>10)}
	}
	if err != nil {
		return nil, err
	}
	return bytes.TrimPrefix(data, []byte("\ufeff")), nil
}

// Same is a path by which two names of one file are found to be the same.
func Same(path string) string {
	p, err := find(path)
	if err != nil {
		return path
	}
	return p.path
}

// place is what a path leads to.
type place struct {
	path   string      // behind all links; of a stream /dev/fd/N, by whatever name it was found
	stream int         // the process's own descriptor; -1: none
	info   fs.FileInfo // nil: there is nothing yet
}

// stays reports whether an error says that what is there cannot be replaced, though it may be written in place.
func (p place) stays(err error) bool { return err != nil && p.info != nil && kept(err) }

func (p place) special() bool { return p.stream >= 0 || p.info != nil && !p.info.Mode().IsRegular() }

// fill writes in place. A pipe may have no reader, or one that has stopped reading, and no deadline ends the opening of
// one: what waits for it is left behind at the context's end.
func (p place) fill(ctx context.Context, content io.Reader) error {
	done := make(chan error, 1)
	go func() {
		file, err := p.open()
		if err != nil {
			done <- err
			return
		}
		_, err = io.Copy(file, content)
		done <- errors.Join(err, file.Close())
	}()
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
		return ErrUnread
	}
}
