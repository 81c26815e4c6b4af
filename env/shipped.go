package env

import (
	"embed"
	"strings"
)

// extension is how an environment's file name ends.
const extension = ".hcl"

//go:embed local.hcl staging.hcl production.hcl
var shipped embed.FS

//go:embed template/environment.hcl
var template string

// Names returns the environments that the binary carries, the one for a first try first.
func Names() []string { return []string{"local", "staging", "production"} }

func shippedFile(name string) ([]byte, bool) {
	data, err := shipped.ReadFile(name + extension)
	return data, err == nil
}

// Template returns a commented environment file to start from, for an environment of this name.
func Template(name string) []byte {
	return []byte(strings.ReplaceAll(template, "NAME", name))
}
