package main_test

import (
	"crypto/x509"
	"debug/elf"
	"encoding/pem"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// builder stands for podman: it keeps the arguments and the context, and lets buildah build where it is.
const builder = `#!/bin/sh
echo "$@" >"$KEPT/arguments"
for context; do :; done
cp -R "$context/." "$KEPT/context"
command -v buildah >/dev/null || exit 0
exec buildah --root "$KEPT/root" --runroot "$KEPT/runroot" --storage-driver vfs "$@"
`

func TestTheImageHoldsOneStaticBinaryAndNobodyIsRoot(t *testing.T) {
	if testing.Short() {
		t.Skip("it is built")
	}
	data, err := os.ReadFile("container/Containerfile")
	require.NoError(t, err)
	var lines []string
	for line := range strings.Lines(string(data)) {
		if !strings.HasPrefix(line, "#") {
			lines = append(lines, strings.TrimSpace(line))
		}
	}
	require.Equal(t, "FROM scratch", lines[0], "one stage, of which nothing comes from a registry")
	rest := strings.Join(lines[1:], "\n")
	require.NotRegexp(t, `(?m)^(FROM|RUN|ADD) `, rest, "there is nothing in the image that could run")
	require.Contains(t, rest, "USER 65532:65532", "a number, so that runAsNonRoot can be checked")
	require.Contains(t, rest, `ENTRYPOINT ["/usr/local/bin/verifik-contract"]`, "there is no shell that could find it")

	kept, stand := t.TempDir(), t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(stand, "podman"), []byte(builder), 0o755))
	make := exec.CommandContext(t.Context(), "make", "-s", "image", "IMAGE=verifik-contract:1.0.0", "VERSION=1.0.0")
	make.Dir = ".."
	make.Env = append(os.Environ(), "KEPT="+kept, "PATH="+stand+":"+os.Getenv("PATH"), "BUILDAH_ISOLATION=chroot")
	out, err := make.CombinedOutput()
	require.NoError(t, err, string(out))

	arguments, err := os.ReadFile(filepath.Join(kept, "arguments"))
	require.NoError(t, err)
	require.Regexp(t, `^build --timestamp \d+ -f deploy/container/Containerfile -t verifik-contract:1\.0\.0 build\n$`, string(arguments))

	copied := map[string]string{}
	for _, line := range lines {
		if words := strings.Fields(line); words[0] == "COPY" {
			copied[words[2]] = filepath.Join(kept, "context", words[1])
		}
	}
	require.Len(t, copied, 2)
	binary, err := elf.Open(copied["/usr/local/bin/verifik-contract"])
	require.NoError(t, err)
	defer func() { require.NoError(t, binary.Close()) }()
	for _, part := range binary.Progs {
		require.NotEqual(t, elf.PT_INTERP, part.Type, "it needs no loader")
	}
	said, err := exec.CommandContext(t.Context(), copied["/usr/local/bin/verifik-contract"], "version").Output()
	require.NoError(t, err)
	require.Contains(t, string(said), "verifik-contract 1.0.0 ")

	authorities, err := os.ReadFile(copied["/etc/ssl/certs/ca-certificates.crt"])
	require.NoError(t, err)
	count := 0
	for block, rest := pem.Decode(authorities); block != nil; block, rest = pem.Decode(rest) {
		certificate, err := x509.ParseCertificate(block.Bytes)
		require.NoError(t, err)
		require.True(t, certificate.IsCA, certificate.Subject)
		count++
	}
	require.Greater(t, count, 100)

	t.Run("run by buildah", func(t *testing.T) {
		if os.Geteuid() != 0 {
			t.Skip("who is not root needs user namespaces for it")
		}
		if _, err := exec.LookPath("buildah"); err != nil {
			require.Empty(t, os.Getenv("CI"), "buildah has to be there")
			t.Skip("there is no buildah")
		}
		buildah := func(args ...string) string {
			cmd := exec.CommandContext(t.Context(), "buildah", append([]string{"--root", filepath.Join(kept, "root"), "--runroot", filepath.Join(kept, "runroot"), "--storage-driver", "vfs"}, args...)...)
			out, err := cmd.CombinedOutput()
			require.NoError(t, err, string(out))
			return strings.TrimSpace(string(out))
		}
		container := buildah("from", "localhost/verifik-contract:1.0.0")
		said := buildah("run", "--isolation", "chroot", container, "--", "/usr/local/bin/verifik-contract", "run", "--quiet")
		require.Contains(t, said, "The contract is kept")
	})
}
