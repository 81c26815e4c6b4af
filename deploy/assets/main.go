// Assets writes what packages and the image hold beside the binary: manual pages, completions and the certificates of the
// public authorities, so that neither needs more than the module proxy. It is no part of the product.
package main

import (
	"bytes"
	"encoding/pem"
	"log"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/cobra/doc"
	"github.com/spf13/pflag"
	"golang.org/x/crypto/x509roots/fallback/bundle"

	"verifik-contract/internal/cli"
)

func main() {
	if len(os.Args) != 2 {
		log.Fatal("usage: assets FOLDER")
	}
	if err := write(os.Args[1], cli.Commands()); err != nil {
		log.Fatal(err)
	}
}

func write(folder string, root *cobra.Command) error {
	man := filepath.Join(folder, "man")
	if err := os.MkdirAll(man, 0o755); err != nil {
		return err
	}
	plain(root)
	// The day is that of SOURCE_DATE_EPOCH.
	if err := doc.GenManTree(root, &doc.GenManHeader{Section: "1", Source: root.Name(), Manual: root.Name()}, man); err != nil {
		return err
	}
	for name, generate := range map[string]func(*bytes.Buffer) error{
		root.Name() + ".bash": func(b *bytes.Buffer) error { return root.GenBashCompletionV2(b, true) },
		root.Name() + ".fish": func(b *bytes.Buffer) error { return root.GenFishCompletion(b, true) },
		"_" + root.Name():     func(b *bytes.Buffer) error { return root.GenZshCompletion(b) },
		"ca-certificates.crt": authorities,
	} {
		var b bytes.Buffer
		if err := generate(&b); err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(folder, name), b.Bytes(), 0o644); err != nil {
			return err
		}
	}
	return nil
}

// plain makes the help what cobra/doc takes it for, Markdown: what is indented is shown as it stands, and no star or
// underscore in the rest means anything.
func plain(cmd *cobra.Command) {
	escape := strings.NewReplacer("*", `\*`, "_", `\_`, "<", `\<`)
	for _, topic := range cmd.Commands() {
		if topic.IsAdditionalHelpTopicCommand() { // it gets no page of its own
			cmd.Long += "\n\n" + topic.Long
		}
	}
	lines := strings.Split(cmd.Long, "\n")
	for i, line := range lines {
		if strings.HasPrefix(line, "  ") || strings.HasPrefix(line, "\t") {
			lines[i] = "  " + line
		} else {
			lines[i] = escape.Replace(line)
		}
	}
	cmd.Long = strings.Join(lines, "\n")
	cmd.Flags().VisitAll(func(f *pflag.Flag) { f.Usage = escape.Replace(f.Usage) })
	for _, sub := range cmd.Commands() {
		plain(sub)
	}
}

// authorities is Mozilla's list, without those whose certificates count up to a day only: PEM cannot say so.
func authorities(b *bytes.Buffer) error {
	for root := range bundle.Roots() {
		if root.Constraint == nil {
			if err := pem.Encode(b, &pem.Block{Type: "CERTIFICATE", Bytes: root.Certificate}); err != nil {
				return err
			}
		}
	}
	return nil
}
