package cli

import (
	"context"
	"crypto/ed25519"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"time"

	"github.com/spf13/cobra"

	"verifik-contract/internal/atomicfile"
	"verifik-contract/internal/certificate"
	"verifik-contract/internal/problem"
	"verifik-contract/internal/result"
	"verifik-contract/internal/text"
)

// certifyFlags says where a certificate goes, and which key signs it.
type certifyFlags struct {
	path    string
	keyFile string
	key     ed25519.PrivateKey
	allowed bool // a refusal is only a warning
}

func (c *certifyFlags) flags(cmd *cobra.Command) {
	cmd.Flags().StringVar(&c.path, "certify", "", "write a certificate to this `FILE`; refused where a must rule was not judged or is not kept")
	cmd.Flags().StringVar(&c.keyFile, "sign-key", "", "sign the certificate with the Ed25519 private key in this PEM `FILE`")
	cmd.Flags().BoolVar(&c.allowed, "allow-refusal", false, "where a certificate is refused, warn and change no exit code")
}

// prepare reads the key before the work begins.
func (c *certifyFlags) prepare() (err error) {
	if c.path == "" && (c.keyFile != "" || c.allowed) {
		return inputError("--sign-key and --allow-refusal need --certify FILE")
	}
	c.key, err = readKey(c.keyFile, certificate.ParsePrivateKey)
	return err
}

// readKey reads a key from a PEM file; of the path "" it returns none.
func readKey[K any](path string, parse func([]byte) (K, error)) (key K, err error) {
	const largest = 64 << 10 // bytes; a key has some 120
	if path == "" {
		return key, nil
	}
	data, err := atomicfile.Read(path, largest)
	if err != nil {
		return key, inputError("the key cannot be read: %w", err)
	}
	if key, err = parse(data); err != nil {
		return key, inputError("%s: %w", path, err)
	}
	return key, nil
}

// refuseUncertifiable refuses, before anything is sent, a run that cannot be certified: one of a part of the contract, or one
// that cannot judge a must promise in this environment. best returns the result that the run would have if all went well.
func (c *certifyFlags) refuseUncertifiable(best func() *result.Run) error {
	if c.path == "" || c.allowed {
		return nil
	}
	if refusals := certificate.Refusals(best()); len(refusals) > 0 {
		return append(refusals, problem.Problem{Severity: problem.Error, Summary: "nothing was sent: this run could not be certified", Detail: "Run it without --certify to see what holds."})
	}
	return nil
}

// write writes the certificate of a result, or says why there is none. It then removes a certificate of an earlier run,
// which somebody might publish; a file that is not a certificate stays.
func (c *certifyFlags) write(ctx context.Context, a *app, run *result.Run) error {
	if c.path == "" {
		return nil
	}
	envelope, err := certificate.Make(run, c.key)
	refusals, refused := errors.AsType[problem.List](err)
	if err == nil {
		return a.writeFile(ctx, c.path, envelope.Encode)
	}
	none := "no certificate was written to " + c.path
	if !refused {
		return fmt.Errorf("%s: %w", none, err)
	}
	for i := range refusals {
		if c.allowed {
			refusals[i].Severity = problem.Warning
		}
	}
	_ = problem.Write(a.Err, a.redacted(refusals))
	err = nil
	if !atomicfile.Special(c.path) && isCertificate(c.path) {
		err = atomicfile.Remove(c.path)
	}
	if c.allowed {
		fmt.Fprintf(a.Err, "No certificate was written to %s.\n", text.Line(c.path))
		return err
	}
	return errors.Join(errors.New(none), err)
}

// isCertificate reports whether a file is a certificate, whoever signed it.
func isCertificate(path string) bool {
	data, err := atomicfile.Read(path, certificate.MaxSize)
	var envelope certificate.Envelope
	return err == nil && json.Unmarshal(data, &envelope) == nil && envelope.PayloadType == certificate.PayloadType
}

// verifyFlags is the flags of verify.
type verifyFlags struct {
	certificate.Expected
	keyFile     string
	folder      contractFlag
	anyContract bool
}

func (a *app) verifyCommand() *cobra.Command {
	var f verifyFlags
	cmd := verb("verify CERTIFICATE", cobra.ExactArgs(1), func(_ *cobra.Command, args []string) error {
		if u, err := url.Parse(f.Target); f.Target != "" && (err != nil || u.Scheme == "" || u.Host == "") {
			return inputError("--target %q is not a base URL: write one like https://api.example.test", f.Target)
		}
		return a.verify(args[0], &f)
	})
	flags := cmd.Flags()
	flags.StringVar(&f.keyFile, "key", "", "the Ed25519 public key, a PEM `FILE`, that the certificate has to be signed with")
	flags.StringVar(&f.Target, "target", "", "the base `URL` of the target that it has to be of")
	flags.DurationVar(&f.MaxAge, "max-age", 0, "how long ago its run may have ended, a `DURATION`: 720h")
	annotateFlag(cmd, "max-age", aboveZero, "720h")
	f.folder.flag(cmd)
	flags.BoolVar(&f.anyContract, "any-contract", false, "take a certificate of another contract than this tool carries")
	flags.BoolVar(&f.Unsigned, "unsigned", false, "take a certificate whose signature was not checked: one without any, or without --key")
	return cmd
}

func (a *app) verify(path string, f *verifyFlags) error {
	key, err := readKey(f.keyFile, certificate.ParsePublicKey)
	if err != nil {
		return err
	}
	f.Now = time.Now()
	if !f.anyContract {
		d, err := f.folder.loadAll()
		if err != nil {
			return err
		}
		f.Contract = &certificate.Contract{Digests: d.digests(), Promises: map[string]result.Level{}}
		for _, r := range d.features.Rules {
			if level := result.Level(r.Level); level != result.Observe {
				f.Contract.Promises[r.ID] = level
			}
		}
	}
	data, err := atomicfile.Read(path, certificate.MaxSize)
	if err != nil {
		return inputError("the certificate cannot be read: %w", err)
	}
	verified, err := certificate.Verify(data, key)
	if err != nil {
		return &failure{code: result.ExitBroken, err: fmt.Errorf("%s: %w", path, err)}
	}
	err = certificate.Write(a.Out, verified)
	if refusals := verified.Refusals(f.Expected); len(refusals) > 0 {
		_ = problem.Write(a.Err, a.redacted(refusals))
		return &failure{code: result.ExitBroken, err: err}
	}
	return err
}
