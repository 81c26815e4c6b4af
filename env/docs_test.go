package env

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"math/big"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"verifik-contract/internal/secret"
)

func documentation(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile("../docs/ENVIRONMENTS.md")
	require.NoError(t, err)
	return string(text)
}

var example = regexp.MustCompile("(?s)```hcl\n(.*?)```")

// Each example of the documentation loads without a problem, in a frame of what the documentation says that examples leave out: a
// target and, beside an http target, a source of states.
func TestEveryExampleOfTheDocumentationLoads(t *testing.T) {
	examples := example.FindAllStringSubmatch(documentation(t), -1)
	require.GreaterOrEqual(t, len(examples), 12)
	for i, match := range examples {
		text := match[1]
		if strings.HasPrefix(text, "otp ") {
			text = "states \"verifik\" {\n client_token = \"made-up-token\"\n project = \"p\"\n project_flow = \"f\"\n phones = [\"+507 62647737\"]\n" + text + "}\n"
		}
		if !strings.Contains(text, `target "`) {
			text += "\ntarget \"http\" { base_url = \"https://api.example.test\" }\n"
		}
		if !strings.Contains(text, `states "`) && strings.Contains(text, `target "http"`) {
			text += "\nstates \"pact\" { url = \"http://127.0.0.1:9000\" }\n"
		}
		folder := t.TempDir()
		writeExampleFiles(t, folder)
		path := filepath.Join(folder, "example.hcl")
		require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
		var vars []string
		if strings.Contains(text, `variable "client_token"`) {
			vars = []string{"client_token=made-up-token"}
		}
		_, problems := Load(path, Options{Vars: vars, LookupEnv: func(string) (string, bool) { return "", false }, Secrets: &secret.Set{}})
		require.Empty(t, problems, "example %d:\n%s", i+1, text)
	}
}

// writeExampleFiles makes the files that the examples name.
func writeExampleFiles(t *testing.T, folder string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotBefore: time.Unix(0, 0), NotAfter: time.Unix(1<<32, 0)}
	certificate, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	require.NoError(t, err)
	private, err := x509.MarshalPKCS8PrivateKey(key)
	require.NoError(t, err)
	for name, data := range map[string][]byte{
		"ca.pem":        pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: certificate}),
		"client.pem":    pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: certificate}),
		"client.key":    pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private}),
		"token.txt":     []byte("made-up-token\n"),
		"fixtures.json": []byte("{}"),
	} {
		require.NoError(t, os.WriteFile(filepath.Join(folder, name), data, 0o600))
	}
}

// Each block and attribute of the schema has a row and occurs in an example, and the documentation has no other rows.
func TestTheDocumentationAndTheSchemaNameTheSame(t *testing.T) {
	text := documentation(t)
	var examples strings.Builder
	for _, match := range example.FindAllStringSubmatch(text, -1) {
		examples.WriteString(match[1])
	}
	rows := map[string]bool{}
	for _, match := range regexp.MustCompile("(?m)^\\| `([a-z_0-9]+)` \\| [^|]+ \\|[^|]*\\| [^|]+ \\|$").FindAllStringSubmatch(text, -1) {
		rows[match[1]] = true
	}
	known := map[string]bool{}
	var walk func(bodySpec)
	walk = func(spec bodySpec) {
		for _, attribute := range spec.attributes {
			known[attribute.name] = true
			require.True(t, rows[attribute.name], "attribute %s has no row", attribute.name)
			require.Regexp(t, `(?m)[\s{]`+attribute.name+`\s*= `, examples.String(), "attribute %s stands in no example", attribute.name)
		}
		for _, block := range spec.blocks {
			require.Regexp(t, `(?m)^#+ `+block.name, text, "block %s has no section", block.name)
			for _, kind := range block.kinds {
				title := regexp.QuoteMeta(blockTitle(block.name, kind.name))
				require.Regexp(t, "(?m)^#+ "+title+"$|^`"+title+"` ", text, "block %s has no section", title)
				require.Regexp(t, `(?m)^\s*`+title+` (".*" )?\{`, examples.String(), "block %s stands in no example", title)
				walk(kind.bodySpec)
			}
		}
	}
	walk(fileSchema())
	for name := range rows {
		require.True(t, known[name], "the documentation has a row for %s, which the schema does not know", name)
	}
	require.Greater(t, len(known), 35)
}

// A required attribute says so in its row, and an optional one does not.
func TestTheDocumentationSaysWhatIsRequired(t *testing.T) {
	sections := regexp.MustCompile("(?m)^(?:#+ |`)(?:(\\w+ \"\\w+\")|(\\w+)$)").FindAllStringSubmatchIndex(documentation(t), -1)
	text := documentation(t)
	checked := 0
	var walk func(bodySpec, string)
	walk = func(spec bodySpec, title string) {
		at := slices.IndexFunc(sections, func(m []int) bool {
			group := 2
			if m[group] < 0 {
				group = 4
			}
			return text[m[group]:m[group+1]] == title
		})
		if title != "" && len(spec.attributes) > 0 {
			require.GreaterOrEqual(t, at, 0, "no section for %s", title)
			end := len(text)
			if at+1 < len(sections) {
				end = sections[at+1][0]
			}
			section := text[sections[at][0]:end]
			for _, attribute := range spec.attributes {
				row := regexp.MustCompile("(?m)^\\| `" + attribute.name + "` \\| [^|]+ \\|([^|]*)\\|").FindStringSubmatch(section)
				require.NotNil(t, row, "no row for %s in %s", attribute.name, title)
				require.Equal(t, attribute.required, strings.TrimSpace(row[1]) == "required", "%s in %s", attribute.name, title)
				checked++
			}
		}
		for _, block := range spec.blocks {
			for _, kind := range block.kinds {
				walk(kind.bodySpec, blockTitle(block.name, kind.name))
			}
		}
	}
	walk(fileSchema(), "")
	require.Greater(t, checked, 35)
}
