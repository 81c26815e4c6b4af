//go:build !windows

package atomicfile_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"verifik-contract/internal/atomicfile"
)

// someone is a user that is neither root nor whoever runs the tests.
const someone = 12345

func asRoot(t *testing.T) {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("only root gives files to others and mounts")
	}
}

func says(text string) func(io.Writer) error {
	return func(w io.Writer) error {
		_, err := io.WriteString(w, text)
		return err
	}
}

func write(t *testing.T, path, text string) error {
	t.Helper()
	return new(atomicfile.Files).Write(t.Context(), path, says(text))
}

func holds(t *testing.T, path, text string) {
	t.Helper()
	content, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, text, string(content))
}

func names(t *testing.T, folder string) []string {
	t.Helper()
	entries, err := os.ReadDir(folder)
	require.NoError(t, err)
	var all []string
	for _, e := range entries {
		all = append(all, e.Name())
	}
	return all
}

func TestAFileIsWrittenWhole(t *testing.T) {
	folder := t.TempDir()
	path := filepath.Join(folder, "a", "b", "new")
	require.NoError(t, atomicfile.Check(path))
	require.Empty(t, names(t, folder), "a check leaves nothing behind")
	require.NoError(t, write(t, path, "whole"))
	holds(t, path, "whole")
	require.NoError(t, write(t, path, "anew"))
	holds(t, path, "anew")
	require.Equal(t, []string{"new"}, names(t, filepath.Dir(path)))
}

func TestAFileThatCannotBeMadeIsLeftAsItWas(t *testing.T) {
	folder := t.TempDir()
	path := filepath.Join(folder, "old")
	require.NoError(t, os.WriteFile(path, []byte("old"), 0o600))
	err := new(atomicfile.Files).Write(t.Context(), path, func(w io.Writer) error {
		_, _ = io.WriteString(w, "half")
		return errors.New("no more")
	})
	require.EqualError(t, err, "no more")
	require.Panics(t, func() {
		_ = new(atomicfile.Files).Write(t.Context(), path, func(io.Writer) error { panic("a defect") })
	})
	holds(t, path, "old")
	require.Equal(t, []string{"old"}, names(t, folder))
}

func TestTheTemporaryFileLiesBesideItsTargetWithTheTargetsMode(t *testing.T) {
	folder := t.TempDir()
	private := filepath.Join(folder, "private")
	require.NoError(t, os.WriteFile(private, nil, 0o600))
	shared := filepath.Join(folder, "shared")
	require.NoError(t, os.WriteFile(shared, nil, 0o600))
	require.NoError(t, os.Chmod(shared, 0o646))
	umask := filepath.Join(folder, "made-with-the-umask")
	require.NoError(t, os.WriteFile(umask, nil, 0o666))
	info, err := os.Stat(umask)
	require.NoError(t, err)
	for path, mode := range map[string]fs.FileMode{private: 0o600, shared: 0o646, filepath.Join(folder, "new"): info.Mode().Perm()} {
		before := names(t, folder)
		require.NoError(t, new(atomicfile.Files).Write(t.Context(), path, func(io.Writer) error {
			for _, name := range names(t, folder) {
				info, err := os.Stat(filepath.Join(folder, name))
				require.NoError(t, err)
				if name[0] == '.' {
					require.Equal(t, mode, info.Mode().Perm(), "while it is written")
				}
			}
			require.Len(t, names(t, folder), len(before)+1)
			return nil
		}))
		info, err := os.Stat(path)
		require.NoError(t, err)
		require.Equal(t, mode, info.Mode().Perm(), path)
	}
}

func TestALongNameIsAName(t *testing.T) {
	path := filepath.Join(t.TempDir(), fmt.Sprintf("%0255d", 1))
	require.NoError(t, atomicfile.Check(path))
	require.NoError(t, write(t, path, "x"))
	holds(t, path, "x")
	require.Error(t, atomicfile.Check(path+"1"))
}

func TestTheFileBehindALinkIsReplacedNotTheLink(t *testing.T) {
	folder := t.TempDir()
	require.NoError(t, os.Mkdir(filepath.Join(folder, "to"), 0o755))
	for link, target := range map[string]string{"one": "to/file", "two": "one", "far": filepath.Join(folder, "to", "file"), "dangling": "to/new", "way": "to"} {
		require.NoError(t, os.Symlink(target, filepath.Join(folder, link)))
	}
	for _, path := range []string{"one", "two", "far", "way/file", "way/../to/file", "dangling"} {
		require.NoError(t, atomicfile.Check(filepath.Join(folder, path)), path)
		require.NoError(t, write(t, filepath.Join(folder, path), path))
		holds(t, filepath.Join(folder, path), path)
		info, err := os.Lstat(filepath.Join(folder, path))
		require.NoError(t, err)
		if filepath.Base(path) != "file" {
			require.NotZero(t, info.Mode()&fs.ModeSymlink, path)
		}
	}
	require.Equal(t, []string{"file", "new"}, names(t, filepath.Join(folder, "to")))
	require.Equal(t, atomicfile.Same(filepath.Join(folder, "two")), atomicfile.Same(filepath.Join(folder, "way/file")))
	require.NoError(t, os.Symlink("loop", filepath.Join(folder, "loop")))
	require.ErrorIs(t, atomicfile.Check(filepath.Join(folder, "loop")), syscall.ELOOP)
}

func TestWhatIsNoFileIsRefused(t *testing.T) {
	folder := t.TempDir()
	file := filepath.Join(folder, "file")
	require.NoError(t, os.WriteFile(file, nil, 0o600))
	socket := filepath.Join(t.TempDir(), "s")
	fd, err := unix.Socket(unix.AF_UNIX, unix.SOCK_STREAM, 0)
	require.NoError(t, err)
	defer unix.Close(fd)
	require.NoError(t, unix.Bind(fd, &unix.SockaddrUnix{Name: socket}))
	for path, message := range map[string]string{
		folder: "is a folder", folder + "/": "is a folder", folder + "/.": "is a folder", folder + "/x/": "is a folder", "": "is a folder",
		file + "/x": "not a directory", file + "/x/y": "not a directory", socket: "it is a socket",
		"/dev/fd/987": "not open for writing", "/dev/fd/99999999999999999999": "is not an open file",
	} {
		require.ErrorContains(t, atomicfile.Check(path), message, path)
		err := write(t, path, "x")
		require.Error(t, err, path)
		require.NotContains(t, err.Error(), folder, "whoever calls names the path")
	}
}

func TestADeviceIsWrittenToAndStays(t *testing.T) {
	link := filepath.Join(t.TempDir(), "null")
	require.NoError(t, os.Symlink(os.DevNull, link))
	for _, path := range []string{os.DevNull, link} {
		require.True(t, atomicfile.Special(path))
		require.NoError(t, atomicfile.Check(path))
		require.NoError(t, write(t, path, "x"))
		require.NoError(t, atomicfile.Remove(path))
	}
	info, err := os.Stat(link)
	require.NoError(t, err)
	require.NotZero(t, info.Mode()&fs.ModeCharDevice)
	require.ErrorContains(t, write(t, "/dev/full", "x"), "no space left")
}

func TestAFullDiskIsReportedOnceAndWithoutTheTemporaryName(t *testing.T) {
	folder := t.TempDir()
	err := new(atomicfile.Files).Write(t.Context(), filepath.Join(folder, "r.json"), func(io.Writer) error {
		temporary := filepath.Join(folder, names(t, folder)[0])
		return fmt.Errorf("the report: %w", &fs.PathError{Op: "write", Path: temporary, Err: syscall.ENOSPC})
	})
	require.EqualError(t, err, "no space left on device")
	require.Empty(t, names(t, folder))
}

func TestADeviceNodeOfOnesOwnIsNeverRemoved(t *testing.T) {
	asRoot(t)
	node := filepath.Join(t.TempDir(), "node")
	if err := exec.Command("mknod", node, "c", "1", "3").Run(); err != nil { // the system call's types differ between systems
		t.Skip("nodes cannot be made here: ", err)
	}
	if err := atomicfile.Check(node); err != nil {
		t.Skip("nodes cannot be used here: ", err)
	}
	require.NoError(t, write(t, node, "x"))
	require.NoError(t, atomicfile.Remove(node))
	info, err := os.Stat(node)
	require.NoError(t, err)
	require.NotZero(t, info.Mode()&fs.ModeCharDevice)
}

func TestAStreamIsContinuedAtItsPosition(t *testing.T) {
	folder := t.TempDir()
	for name, flags := range map[string]int{"redirected": os.O_TRUNC, "appended": os.O_APPEND} {
		path := filepath.Join(folder, name)
		require.NoError(t, os.WriteFile(path, []byte("before "), 0o600))
		file, err := os.OpenFile(path, os.O_WRONLY|flags, 0)
		require.NoError(t, err)
		defer file.Close()
		_, err = file.WriteString("one ")
		require.NoError(t, err)
		link := filepath.Join(folder, "link-"+name)
		require.NoError(t, os.Symlink(fmt.Sprintf("/proc/self/fd/%d", file.Fd()), link))
		for _, way := range []string{fmt.Sprintf("/dev/fd/%d", file.Fd()), link, fmt.Sprintf("/proc/%d/fd/%d", os.Getpid(), file.Fd())} {
			require.True(t, atomicfile.Special(way))
			require.NoError(t, atomicfile.Check(way))
			require.NoError(t, write(t, way, "two "))
			require.NoError(t, atomicfile.Remove(way))
			require.Equal(t, fmt.Sprintf("/dev/fd/%d", file.Fd()), atomicfile.Same(way))
		}
		_, err = file.WriteString("three")
		require.NoError(t, err)
		want := "one two two two three"
		if flags == os.O_APPEND {
			want = "before " + want
		}
		holds(t, path, want)
	}
	reading, err := os.Open(filepath.Join(folder, "appended"))
	require.NoError(t, err)
	defer reading.Close()
	require.ErrorContains(t, atomicfile.Check(fmt.Sprintf("/dev/fd/%d", reading.Fd())), "not open for writing")
}

func TestAPipeIsWrittenToOnceSomebodyReads(t *testing.T) {
	path := filepath.Join(t.TempDir(), "pipe")
	require.NoError(t, unix.Mkfifo(path, 0o600))
	require.NoError(t, atomicfile.Check(path), "nobody has to read yet")
	written := make(chan error, 1)
	go func() { written <- new(atomicfile.Files).Write(context.Background(), path, says("through")) }()
	holds(t, path, "through")
	require.NoError(t, <-written)
	require.NoError(t, atomicfile.Remove(path))
	info, err := os.Stat(path)
	require.NoError(t, err)
	require.NotZero(t, info.Mode()&fs.ModeNamedPipe)
}

func TestAPipeThatNobodyReadsIsGivenUp(t *testing.T) {
	path := filepath.Join(t.TempDir(), "pipe")
	require.NoError(t, unix.Mkfifo(path, 0o600))
	ctx, cancel := context.WithCancel(t.Context())
	err := new(atomicfile.Files).Write(ctx, path, func(w io.Writer) error {
		cancel()
		return nil
	})
	require.ErrorIs(t, err, atomicfile.ErrUnread)
}

func TestAFileKeepsItsOwner(t *testing.T) {
	asRoot(t)
	path := filepath.Join(t.TempDir(), "theirs")
	require.NoError(t, os.WriteFile(path, nil, 0o640))
	require.NoError(t, os.Chown(path, someone, someone))
	require.NoError(t, write(t, path, "x"))
	info, err := os.Stat(path)
	require.NoError(t, err)
	require.EqualValues(t, someone, info.Sys().(*syscall.Stat_t).Uid)
	require.Equal(t, fs.FileMode(0o640), info.Mode().Perm())
}

func TestWhatAnotherUserPlantedIsRefused(t *testing.T) {
	asRoot(t)
	sticky := filepath.Join(t.TempDir(), "sticky")
	require.NoError(t, os.Mkdir(sticky, 0o755))
	require.NoError(t, os.Chmod(sticky, 0o777|fs.ModeSticky))
	victim := filepath.Join(t.TempDir(), "victim")
	require.NoError(t, os.WriteFile(victim, []byte("kept"), 0o600))

	link, dangling, way, file, pipe := filepath.Join(sticky, "link"), filepath.Join(sticky, "dangling"), filepath.Join(sticky, "way"), filepath.Join(sticky, "file"), filepath.Join(sticky, "pipe")
	require.NoError(t, os.Symlink(victim, link))
	require.NoError(t, os.Symlink(victim+"-new", dangling))
	require.NoError(t, os.Symlink(filepath.Dir(victim), way))
	require.NoError(t, os.WriteFile(file, []byte("theirs"), 0o666))
	require.NoError(t, unix.Mkfifo(pipe, 0o666))
	second := filepath.Join(t.TempDir(), "own-link")
	require.NoError(t, os.Symlink(link, second))
	for _, path := range []string{link, dangling, way, file, pipe} {
		require.NoError(t, os.Lchown(path, someone, someone))
	}
	for path, message := range map[string]string{
		link: "a link that another user owns", dangling: "a link that another user owns", way + "/victim": "a link that another user owns",
		second: "a link that another user owns", file: "belongs to another user", pipe: "belongs to another user",
	} {
		require.ErrorContains(t, atomicfile.Check(path), message, path)
		require.ErrorContains(t, write(t, path, "x"), message, path)
		require.ErrorContains(t, atomicfile.Remove(path), message, path)
	}
	holds(t, victim, "kept")
	holds(t, file, "theirs")
	require.NoFileExists(t, victim+"-new")

	home := t.TempDir()
	require.NoError(t, os.Chown(home, someone, someone))
	require.NoError(t, os.Symlink(filepath.Dir(victim), filepath.Join(home, "way")))
	require.NoError(t, os.Lchown(filepath.Join(home, "way"), someone, someone))
	require.NoError(t, write(t, filepath.Join(home, "way", "new"), "x"), "a user's own folders are that user's to arrange")
	require.NoError(t, os.Symlink(victim, filepath.Join(home, "last")))
	require.NoError(t, os.Lchown(filepath.Join(home, "last"), someone, someone))
	require.ErrorContains(t, write(t, filepath.Join(home, "last"), "x"), "a link that another user owns")
}

func TestALinkOnTheWayIsFollowedOnlyInItsOwnersOwnFolder(t *testing.T) {
	asRoot(t)
	for _, test := range []struct {
		owner   int
		mode    fs.FileMode
		follows bool
	}{
		{someone, 0o755, true},
		{someone, 0o700, true},
		{someone, 0o775, false},
		{someone, 0o757, false},
		{someone, 0o777 | fs.ModeSticky, false},
		{os.Geteuid(), 0o755, false},
		{os.Geteuid(), 0o777, false},
		{someone + 1, 0o755, false},
	} {
		folder, target := t.TempDir(), t.TempDir()
		victim := filepath.Join(target, "victim")
		require.NoError(t, os.WriteFile(victim, []byte("old"), 0o600))
		way := filepath.Join(folder, "way")
		require.NoError(t, os.Symlink(target, way))
		require.NoError(t, os.Lchown(way, someone, someone))
		require.NoError(t, os.Chown(folder, test.owner, someone))
		require.NoError(t, os.Chmod(folder, test.mode))
		checked, err := atomicfile.Check(way+"/victim"), write(t, way+"/victim", "new")
		if test.follows {
			require.NoError(t, checked, "%+v", test)
			require.NoError(t, err, "%+v", test)
			holds(t, victim, "new")
			continue
		}
		require.ErrorContains(t, checked, "a link that another user owns", "%+v", test)
		require.ErrorContains(t, err, "a link that another user owns", "%+v", test)
		holds(t, victim, "old")
	}
}

func TestAProcessThatEndsLeavesNoTemporaryFile(t *testing.T) {
	folder := t.TempDir()
	var files atomicfile.Files
	err := files.Write(t.Context(), filepath.Join(folder, "x"), func(io.Writer) error {
		require.Len(t, names(t, folder), 1)
		files.Abandon()
		require.Empty(t, names(t, folder))
		return nil
	})
	require.Error(t, err)
	require.Error(t, files.Write(t.Context(), filepath.Join(folder, "y"), says("later")))
	require.Empty(t, names(t, folder))
}

func TestRemoveTakesAFileAway(t *testing.T) {
	folder := t.TempDir()
	path := filepath.Join(folder, "x")
	require.NoError(t, atomicfile.Remove(path))
	require.NoError(t, os.WriteFile(path, nil, 0o600))
	require.NoError(t, os.Symlink("x", filepath.Join(folder, "link")))
	require.NoError(t, atomicfile.Remove(filepath.Join(folder, "link")))
	require.NoFileExists(t, path)
	require.Equal(t, []string{"link"}, names(t, folder))
}
