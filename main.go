// Verifik-contract certifies that a provider keeps the contract of PUT /v2/phone-validations.
package main

import (
	"os"

	"verifik-contract/internal/cli"
)

func main() {
	os.Exit(int(cli.Main(os.Args[1:], cli.Standard())))
}
