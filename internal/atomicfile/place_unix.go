//go:build !windows

package atomicfile

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
)

// maxLinks is how many links are followed, as many as by the kernel.
const maxLinks = 40

// find finds what a path refers to.
func find(path string) (place, error) {
	if strings.HasSuffix(path, "/") || path == "" {
		return place{}, errFolder
	}
	if filepath.IsAbs(path) {
		return follow("/", path, 0)
	}
	folder, err := os.Getwd()
	if err != nil {
		return place{}, err
	}
	return follow("/", folder+"/"+path, 0)
}

// follow follows a path from a folder whose own links are resolved, so that .. is the folder above. links counts those followed
// so far. Each link must be one that this user may trust.
func follow(folder, path string, links int) (place, error) {
	name, rest, _ := strings.Cut(strings.TrimLeft(path, "/"), "/")
	at, last := filepath.Join(folder, name), strings.Trim(rest, "/") == ""
	if last && (folder == "/dev/fd" || folder == fmt.Sprintf("/proc/%d/fd", os.Getpid())) {
		stream, err := strconv.Atoi(name)
		if err != nil {
			return place{}, fmt.Errorf("%q is not an open file", at)
		}
		return place{path: fmt.Sprintf("/dev/fd/%d", stream), stream: stream}, nil
	}
	info, err := os.Lstat(at)
	switch link := err == nil && info.Mode()&fs.ModeSymlink != 0; {
	case errors.Is(err, fs.ErrNotExist):
		return place{path: filepath.Join(at, rest), stream: -1}, nil
	case err != nil:
		return place{}, err
	case !link && !last:
		return follow(at, rest, links)
	case info.IsDir():
		return place{}, errFolder
	case !link:
		return place{path: at, stream: -1, info: info}, refuseForeign(at, folder, info, true)
	case links == maxLinks:
		return place{}, syscall.ELOOP
	}
	if err := refuseForeign(at, folder, info, last); err != nil {
		return place{}, err
	}
	target, err := os.Readlink(at)
	if err != nil {
		return place{}, err
	}
	if filepath.IsAbs(target) {
		folder = "/"
	}
	return follow(folder, target+"/"+rest, links+1)
}

// status returns the system's information about a file.
func status(info fs.FileInfo) *syscall.Stat_t { return info.Sys().(*syscall.Stat_t) }

func owner(info fs.FileInfo) int { return int(status(info).Uid) }

// refuseForeign refuses what another user except root owns: a link, and a file in a folder that everybody may write to, where it
// may be a trap. A link in the middle of the path may be in its owner's own folder, where nobody else could have put it. The last
// link may not: it decides which file is overwritten.
func refuseForeign(path, folder string, info fs.FileInfo, last bool) error {
	uid := owner(info)
	if uid == 0 || uid == os.Geteuid() {
		return nil
	}
	above, err := os.Stat(folder)
	if err != nil {
		return err
	}
	own := uid == owner(above) && above.Mode().Perm()&0o022 == 0
	everybodys := above.Mode()&fs.ModeSticky != 0 && above.Mode().Perm()&0o022 != 0 && uid != owner(above)
	switch link := info.Mode()&fs.ModeSymlink != 0; {
	case link && (last || !own):
		return fmt.Errorf("%q is a link that another user owns (uid %d): it is not followed", path, uid)
	case everybodys:
		return fmt.Errorf("it belongs to another user (uid %d), in a folder that is everybody's", uid)
	}
	return nil
}

// writableAnyway reports whether an error means that a file cannot be replaced but may be written: it is a mount point, or its
// folder is not writable. EPERM does not: in a sticky folder it means that the file is somebody else's.
func writableAnyway(err error) bool {
	known := []error{unix.EBUSY, unix.EXDEV, unix.EROFS, unix.EACCES, errOwner}
	return slices.ContainsFunc(known, func(one error) bool { return errors.Is(err, one) })
}

// copyOwnerAndMode gives a temporary file the owner and mode of the file that it will replace.
func copyOwnerAndMode(file *os.File, info fs.FileInfo) error {
	now, err := file.Stat()
	if err != nil {
		return err
	}
	is, was := status(now), status(info)
	if (is.Uid != was.Uid || is.Gid != was.Gid) && file.Chown(int(was.Uid), int(was.Gid)) != nil {
		return errOwner
	}
	return file.Chmod(info.Mode().Perm())
}

// check returns why what is there cannot be written to; nil if it can.
func (p place) check() error {
	switch {
	case p.stream >= 0:
		flags, err := unix.FcntlInt(uintptr(p.stream), unix.F_GETFL, 0)
		if err == nil && flags&unix.O_ACCMODE == unix.O_RDONLY {
			err = unix.EBADF
		}
		if err != nil {
			return fmt.Errorf("it is not open for writing: %w", err)
		}
		return nil
	case p.info.Mode()&fs.ModeSocket != 0:
		return errors.New("it is a socket, not a file")
	case p.info.Mode()&fs.ModeDevice != 0:
		file, err := os.OpenFile(p.path, os.O_WRONLY|unix.O_NOCTTY|unix.O_NONBLOCK, 0)
		if err != nil {
			return err
		}
		return file.Close()
	}
	return unix.Access(p.path, unix.W_OK)
}

// open opens what is written in place. It duplicates the descriptor of a stream: opening its path under /dev or /proc would
// start at the beginning of the file, without O_APPEND.
func (p place) open() (*os.File, error) {
	if p.stream >= 0 {
		own, err := unix.FcntlInt(uintptr(p.stream), unix.F_DUPFD_CLOEXEC, 0)
		if err != nil {
			return nil, err
		}
		return os.NewFile(uintptr(own), p.path), nil
	}
	flags := os.O_WRONLY | unix.O_NOCTTY
	if p.info.Mode().IsRegular() {
		flags |= os.O_TRUNC
	}
	return os.OpenFile(p.path, flags, 0)
}
