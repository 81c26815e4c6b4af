//go:build !windows

package atomicfile

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
)

// maxLinks is how many links are followed, as the kernel does.
const maxLinks = 40

// descriptors is where the system shows a process's open files.
var descriptors = regexp.MustCompile(`^(?:/dev/fd|/proc/(\d+)(?:/task/\d+)?/fd)/(\d+)$`)

// find follows a path link by link: each has to be one that this user may trust.
func find(path string) (place, error) {
	if strings.HasSuffix(path, "/") || path == "" {
		return place{}, errFolder
	}
	at := "/"
	rest := strings.Split(path, "/")
	if !filepath.IsAbs(path) {
		folder, err := os.Getwd()
		if err != nil {
			return place{}, err
		}
		rest = append(strings.Split(folder, "/"), rest...)
	}
	links := 0
	for len(rest) > 0 {
		name := rest[0]
		rest = rest[1:]
		switch name {
		case "", ".":
			continue
		case "..":
			at = filepath.Dir(at)
			continue
		}
		folder := at
		at = filepath.Join(folder, name)
		if m := descriptors.FindStringSubmatch(at); m != nil && len(rest) == 0 {
			return descriptor(at, m)
		}
		info, err := os.Lstat(at)
		if errors.Is(err, fs.ErrNotExist) {
			return place{path: filepath.Join(append([]string{at}, rest...)...), stream: -1}, nil
		}
		if err != nil {
			return place{}, err
		}
		if info.Mode()&fs.ModeSymlink == 0 {
			if len(rest) > 0 {
				continue
			}
			if info.IsDir() {
				return place{}, errFolder
			}
			return place{path: at, stream: -1, info: info}, planted(folder, info)
		}
		if err := foreign(at, folder, info, len(rest) == 0); err != nil {
			return place{}, err
		}
		if links++; links > maxLinks {
			return place{}, &fs.PathError{Op: "open", Path: path, Err: syscall.ELOOP}
		}
		target, err := os.Readlink(at)
		if err != nil {
			return place{}, err
		}
		at = folder
		if filepath.IsAbs(target) {
			at = "/"
		}
		rest = append(strings.Split(target, "/"), rest...)
	}
	return place{}, errFolder
}

// descriptor is an open file of a process, by the match of its path.
func descriptor(path string, m []string) (place, error) {
	if m[1] != "" && m[1] != strconv.Itoa(os.Getpid()) {
		info, err := os.Stat(path) // a link that only the kernel can follow
		return place{path: path, stream: -1, info: inPlace{info}}, err
	}
	number, err := strconv.Atoi(m[2])
	if err != nil {
		return place{}, &fs.PathError{Op: "open", Path: path, Err: syscall.EBADF}
	}
	return place{path: path, stream: number}, nil
}

// inPlace is what is never replaced, though it may be a regular file.
type inPlace struct{ fs.FileInfo }

func (i inPlace) Mode() fs.FileMode { return i.FileInfo.Mode() | fs.ModeIrregular }

func owner(info fs.FileInfo) int {
	if stat, ok := info.Sys().(*syscall.Stat_t); ok {
		return int(stat.Uid)
	}
	return os.Geteuid()
}

// trusted reports whether what a user owns is this user's own doing, or root's.
func trusted(uid int) bool { return uid == 0 || uid == os.Geteuid() }

// foreign refuses a link that another user owns. On the way, one that lies in its owner's own folder is part of how
// that user has arranged things; at the end, it decides which file is overwritten.
func foreign(path, folder string, link fs.FileInfo, last bool) error {
	uid := owner(link)
	if trusted(uid) {
		return nil
	}
	if above, err := os.Stat(folder); !last && err == nil && owner(above) == uid && above.Mode().Perm()&0o022 == 0 {
		return nil
	}
	return fmt.Errorf("%q is a link that another user owns (uid %d): it is not followed", path, uid)
}

// planted refuses what another user put into a folder that is everybody's: it would be theirs to read.
func planted(folder string, info fs.FileInfo) error {
	above, err := os.Stat(folder)
	if err != nil {
		return err
	}
	if everybodys := above.Mode()&fs.ModeSticky != 0 && above.Mode().Perm()&0o022 != 0; !everybodys {
		return nil
	}
	if uid := owner(info); !trusted(uid) && uid != owner(above) {
		return fmt.Errorf("it belongs to another user (uid %d), in a folder that is everybody's", uid)
	}
	return nil
}

// kept reports whether an error says that a file cannot be replaced, which does not mean that it cannot be written: it
// is a mount, or its folder is not ours to write. EPERM is not among them: a sticky folder says so of another's file.
func kept(err error) bool {
	for _, known := range []error{unix.EBUSY, unix.EXDEV, unix.EROFS, unix.EACCES, errOwner} {
		if errors.Is(err, known) {
			return true
		}
	}
	return false
}

// like gives a temporary file the owner and the mode of the file that it is to replace.
func like(file *os.File, info fs.FileInfo) error {
	now, err := file.Stat()
	if err != nil {
		return err
	}
	is, ok := now.Sys().(*syscall.Stat_t)
	was, known := info.Sys().(*syscall.Stat_t)
	if ok && known && (is.Uid != was.Uid || is.Gid != was.Gid) && file.Chown(int(was.Uid), int(was.Gid)) != nil {
		return errOwner
	}
	return file.Chmod(info.Mode().Perm())
}

func replace(file *os.File, path string) error { return os.Rename(file.Name(), path) }

// check reports why something special could not be written to.
func (p place) check() error {
	if p.stream >= 0 {
		flags, err := unix.FcntlInt(uintptr(p.stream), unix.F_GETFL, 0)
		if err == nil && flags&unix.O_ACCMODE == unix.O_RDONLY {
			err = unix.EBADF
		}
		if err != nil {
			return fmt.Errorf("it is not open for writing: %w", err)
		}
		return nil
	}
	switch mode := p.info.Mode(); {
	case mode&fs.ModeSocket != 0:
		return errors.New("it is a socket, not a file")
	case mode&fs.ModeDevice != 0:
		file, err := os.OpenFile(p.path, os.O_WRONLY|unix.O_NOCTTY|unix.O_NONBLOCK, 0)
		if err != nil {
			return err
		}
		return file.Close()
	}
	return unix.Access(p.path, unix.W_OK)
}

// open opens what is written in place. Of a stream it takes a second descriptor: a path under /dev or /proc would be
// opened anew, at the beginning of the file behind it and without its mode of appending.
func (p place) open() (*os.File, error) {
	if p.stream >= 0 {
		own, err := unix.FcntlInt(uintptr(p.stream), unix.F_DUPFD_CLOEXEC, 0)
		if err != nil {
			return nil, err
		}
		return os.NewFile(uintptr(own), p.path), nil
	}
	flags := os.O_WRONLY | unix.O_NOCTTY
	switch mode := p.info.Mode(); {
	case mode&fs.ModeIrregular != 0:
		flags |= os.O_APPEND
	case mode.IsRegular():
		flags |= os.O_TRUNC
	}
	return os.OpenFile(p.path, flags, 0)
}
