// Package atomicfile reads files up to a limit, and writes them completely or not at all: it writes a temporary file beside
// the target, with the mode that the target will have, and renames it once it is complete. What cannot be replaced is
// written in place, and never replaced or removed: a device, a pipe, one of the process's own streams (/dev/stdout, even
// if redirected to a file), a file that is a mount point or whose owner could not be kept.
//
// Nothing is written to a place that another user chose: symbolic links of other users are refused, and so are their
// files in folders that everybody may write to.
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

// prefix begins the names of temporary files.
const prefix = ".verifik-contract-"

// ErrUnread means that the context ended before anybody read from a pipe.
var ErrUnread = errors.New("nobody reads from it")

var errFolder = errors.New("it is a folder: name a file in it")

// Files writes files and keeps track of the temporary ones. The zero value is ready to use. It is safe for concurrent
// use.
type Files struct {
	mutex     sync.Mutex
	temporary []string
	abandoned bool
}

// Abandon removes the temporary files of pending writes and prevents new ones, for a process that is about to exit in the
// middle of its work.
func (f *Files) Abandon() {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	f.abandoned = true
	for _, path := range f.temporary {
		_ = os.Remove(path) // nobody could do anything about an error
	}
}

// Write writes a file, whose content write writes, and makes missing folders. If nobody reads from a pipe until the
// context ends, the error is ErrUnread. Errors do not name the path.
func (f *Files) Write(ctx context.Context, path string, write func(io.Writer) error) (err error) {
	defer func() { err = Reason(err) }()
	p, err := find(path)
	if err != nil {
		return err
	}
	var file *os.File
	if !p.special() {
		if err := os.MkdirAll(filepath.Dir(p.path), 0o755); err != nil {
			return err
		}
		if file, err = f.create(p); err != nil && !p.inPlaceOnly(err) {
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
		return failed.Err // without the temporary file's name, which means nothing to anybody
	}
	if err != nil {
		return err
	}
	if err := errors.Join(file.Sync(), file.Close()); err != nil { // Windows cannot rename an open file
		return err
	}
	if err = os.Rename(file.Name(), p.path); !p.inPlaceOnly(err) { // also fails if Abandon has removed the file
		return err
	}
	content, err := os.Open(file.Name())
	if err != nil {
		return err
	}
	defer content.Close()
	return p.fill(ctx, content)
}

// errAbandoned is returned only while the process exits.
var errAbandoned = errors.New("the process ends")

// errOwner means that a new file would belong to somebody else than the old one, which is then written in place.
var errOwner = errors.New("its owner cannot be kept")

// create creates the temporary file. It has the mode and owner of the existing target, or the default mode for a new
// one.
func (f *Files) create(p place) (*os.File, error) {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	if f.abandoned {
		return nil, errAbandoned
	}
	mode := fs.FileMode(0o666)
	if p.info != nil {
		mode = 0o600 // until its owner is set
	}
	name := filepath.Join(filepath.Dir(p.path), prefix+rand.Text())
	file, err := os.OpenFile(name, os.O_RDWR|os.O_CREATE|os.O_EXCL, mode)
	if err != nil {
		return nil, err
	}
	if p.info != nil {
		if err := copyOwnerAndMode(file, p.info); err != nil {
			return nil, errors.Join(err, file.Close(), os.Remove(name))
		}
	}
	f.temporary = append(f.temporary, name)
	return file, nil
}

// discard removes a temporary file, if it is still there.
func (f *Files) discard(file *os.File) {
	_ = file.Close() // fails if it is closed already
	f.mutex.Lock()
	defer f.mutex.Unlock()
	f.temporary = slices.DeleteFunc(f.temporary, func(name string) bool { return name == file.Name() })
	_ = os.Remove(file.Name()) // fails if it has been renamed
}

// Check returns, before a long job, why a file could not be written after it; nil if it can. It leaves nothing behind:
// only Write makes missing folders. It does not open pipes, which would wait for a reader. The error does not name the
// path.
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
		if _, err := os.Stat(folder); !errors.Is(err, fs.ErrNotExist) || above == folder { // the latter on a missing drive
			break
		}
		folder = above
	}
	probe, err := os.CreateTemp(folder, prefix+"*")
	switch {
	case p.inPlaceOnly(err):
		return nil // it will be written in place
	case err != nil:
		return fmt.Errorf("nothing can be written to the folder %q: %w", folder, Reason(err))
	}
	return errors.Join(probe.Close(), os.Remove(probe.Name()))
}

// Remove removes an old file that might be mistaken for a new one. What Write would write in place stays, but a regular
// file is truncated.
func Remove(path string) error {
	p, err := find(path)
	if err != nil || p.info == nil || p.special() {
		return err
	}
	if err = os.Remove(p.path); p.inPlaceOnly(err) {
		return os.Truncate(p.path, 0)
	}
	return err
}

// Reason returns the system's error without the path, which may be that of a temporary file.
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

// Special reports whether a path is a device, a pipe or a stream of the process, which are written in place.
func Special(path string) bool {
	p, err := find(path)
	return err == nil && p.special()
}

// Pipe reports whether a path is a named pipe, to which Write waits for a reader.
func Pipe(path string) bool {
	p, err := find(path)
	return err == nil && p.info != nil && p.info.Mode()&fs.ModeNamedPipe != 0
}

// Read reads a file or pipe (as in `--var-file <(decrypt secrets)`) of at most limit bytes, without the byte order mark that some
// editors put at the beginning. It reads at most one byte more than limit: the file may be an endless device.
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

// Same returns a path that is the same for all names of a file.
func Same(path string) string {
	p, err := find(path)
	if err != nil {
		return path
	}
	return p.path
}

// place is what a path refers to.
type place struct {
	path   string      // with all links resolved; of a stream /dev/fd/N, whatever its name was
	stream int         // descriptor of one of the process's own streams; -1: none
	info   fs.FileInfo // nil: nothing is there
}

// inPlaceOnly reports whether an error means that what is there cannot be replaced but may be written in place.
func (p place) inPlaceOnly(err error) bool { return err != nil && p.info != nil && writableAnyway(err) }

func (p place) special() bool { return p.stream >= 0 || p.info != nil && !p.info.Mode().IsRegular() }

// fill writes in place. Opening a pipe without a reader blocks and has no deadline, so the goroutine that does it is left
// behind when the context ends.
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
