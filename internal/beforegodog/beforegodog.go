// Package beforegodog keeps godog from starting a process. godog v0.16.0 runs `go env GOTOOLDIR`, with the whole
// environment, to initialise a package that only its deprecated Build needs: each command would start whatever go the PATH
// has, which goes to the network where a folder's go.mod asks for another toolchain.
//
// Go initialises, of the packages whose imports are initialised, the one whose import path is first in order (The Go
// Programming Language Specification, "Program initialization"). This one is ready as soon as os is, which os/exec needs,
// and a module of its own gives it a path in front of github.com: it takes the PATH away before godog looks for go. Whoever
// imports godog imports this package too, and gives the PATH back when it is initialised itself.
package beforegodog

import "os"

var path, set = take()

func take() (string, bool) {
	path, set := os.LookupEnv("PATH")
	_ = os.Unsetenv("PATH")
	return path, set
}

// Restore gives the PATH back, and returns nil.
func Restore() error {
	if !set {
		return nil
	}
	return os.Setenv("PATH", path)
}
