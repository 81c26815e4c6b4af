// Deploy writes what the packages and the image contain besides the binary: manual pages, completions and the root
// certificates, so that building them needs nothing but the module proxy. It is not part of the product.
package main

import (
	"bytes"
	"encoding/pem"
	"errors"
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
		log.Fatal("usage: deploy FOLDER")
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
	escapeMarkdown(root)
	// The pages are dated by SOURCE_DATE_EPOCH.
	if err := doc.GenManTree(root, &doc.GenManHeader{Section: "1", Source: root.Name(), Manual: root.Name()}, man); err != nil {
		return err
	}
	var roots bytes.Buffer
	for root := range bundle.Roots() { // Mozilla's list; PEM cannot express constraints, so constrained roots are left out
		if root.Constraint == nil {
			if err := pem.Encode(&roots, &pem.Block{Type: "CERTIFICATE", Bytes: root.Certificate}); err != nil {
				return err
			}
		}
	}
	return errors.Join(
		root.GenBashCompletionFileV2(filepath.Join(folder, root.Name()+".bash"), true),
		root.GenFishCompletionFile(filepath.Join(folder, root.Name()+".fish"), true),
		root.GenZshCompletionFile(filepath.Join(folder, "_"+root.Name())),
		os.WriteFile(filepath.Join(folder, "ca-certificates.crt"), roots.Bytes(), 0o644),
	)
}

// escapeMarkdown makes Markdown of the help, which cobra/doc takes it for: indented lines become code, and stars,
// underscores and the like are escaped in the others.
func escapeMarkdown(cmd *cobra.Command) {
	escape := strings.NewReplacer("*", `\*`, "_", `\_`, "<", `\<`)
	for _, topic := range cmd.Commands() {
		if topic.IsAdditionalHelpTopicCommand() { // has no page of its own
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
		escapeMarkdown(sub)
	}
}
