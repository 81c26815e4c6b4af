package cli

import (
	"crypto/ed25519"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/spf13/cobra"

	"verifik-contract/internal/certificate"
	"verifik-contract/internal/plan"
	"verifik-contract/internal/problem"
	"verifik-contract/internal/result"
)

// certify is where a certificate goes, and the key that signs it.
type certify struct {
	path    string
	keyFile string
	key     ed25519.PrivateKey
}

func (c *certify) flags(cmd *cobra.Command) {
	cmd.Flags().StringVar(&c.path, "certify", "", "write a certificate to this `FILE`; refused where a must rule was not judged or is not kept")
	cmd.Flags().StringVar(&c.keyFile, "sign-key", "", "sign the certificate with the Ed25519 private key in this PEM `FILE`")
}

// prepare reads the key before the work.
func (c *certify) prepare() error {
	if c.keyFile != "" && c.path == "" {
		return input("--sign-key signs a certificate: add --certify FILE")
	}
	if c.keyFile != "" {
		data, err := os.ReadFile(c.keyFile)
		if err != nil {
			return input("the key cannot be read: %w", err)
		}
		if c.key, err = certificate.ParsePrivateKey(data); err != nil {
			return input("%s: %w", c.keyFile, err)
		}
	}
	return nil
}

// foresee refuses before anything is sent what the plan already shows to be no certificate: a part of the contract,
// or a promise of the level must that the environment cannot judge.
func (c *certify) foresee(l *loaded, p *plan.Plan) error {
	if c.path == "" {
		return nil
	}
	best := &result.Run{ // the result, if all that can be judged is kept
		Version: result.Version, Tool: result.Tool{Name: "verifik-contract", Version: Version()}, Started: time.Now(),
		Target: result.Target{Kind: p.Target.Kind, BaseURL: p.Target.BaseURL, Unverified: unverified(l.environment)}, Environment: p.Environment,
		Digests: result.Digests{Features: l.features.Digest(), Schemas: l.schemas.Digest()}, Selection: selection(p, ""),
	}
	reasons := map[string]string{}
	runs := map[string]bool{}
	for _, s := range p.Scenarios {
		verdict := result.Passed
		if s.Skip != "" {
			verdict, reasons[s.Rule] = result.Skipped, s.Skip
		}
		runs[s.Rule] = runs[s.Rule] || s.Skip == ""
		best.Scenarios = append(best.Scenarios, result.Scenario{ID: s.ID, Rule: s.Rule, Level: result.Level(s.Level), Verdict: verdict})
	}
	for _, r := range p.Rules {
		one := result.Rule{ID: r.ID, Level: result.Level(r.Level), Title: r.Title, EveryExchange: r.EveryExchange, Verdict: result.Passed, Judged: 1}
		if !r.EveryExchange && !runs[r.ID] {
			one.Verdict, one.Reason = result.Skipped, reasons[r.ID]
		}
		best.Rules = append(best.Rules, one)
	}
	if refusals := certificate.Refusals(best); len(refusals) > 0 {
		return append(refusals, problem.Problem{Severity: problem.Error, Summary: "nothing was sent: this run could not be certified", Detail: "Run it without --certify to see what holds."})
	}
	return nil
}

// write makes the certificate of a result, or says why there is none. A certificate of an earlier run does not stay
// in its place: somebody would publish it.
func (c *certify) write(a *app, run *result.Run) error {
	if c.path == "" {
		return nil
	}
	envelope, err := certificate.Make(run, c.key)
	var refusals problem.List
	if errors.As(err, &refusals) {
		_ = problem.Write(a.Err, a.redacted(refusals))
		_ = os.Remove(c.path)
		return fmt.Errorf("no certificate was written to %s", c.path)
	}
	if err != nil {
		return fmt.Errorf("no certificate was written to %s: %w", c.path, err)
	}
	return a.writeFile(c.path, func(w io.Writer) error {
		data, err := envelope.Encode()
		if err == nil {
			_, err = w.Write(data)
		}
		return err
	})
}

func (a *app) verifyCommand() *cobra.Command {
	var keyFile string
	cmd := &cobra.Command{
		Use:   "verify CERTIFICATE",
		Short: "Checks a certificate and shows what it says",
		Args:  cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			var key ed25519.PublicKey
			if keyFile != "" {
				data, err := os.ReadFile(keyFile)
				if err != nil {
					return input("the key cannot be read: %w", err)
				}
				if key, err = certificate.ParsePublicKey(data); err != nil {
					return input("%s: %w", keyFile, err)
				}
			}
			data, err := os.ReadFile(args[0])
			if err != nil {
				return input("the certificate cannot be read: %w", err)
			}
			verified, err := certificate.Verify(data, key)
			if err != nil {
				return &failure{code: result.ExitBroken, err: fmt.Errorf("%s: %w", args[0], err)}
			}
			return certificate.Write(a.Out, verified)
		},
	}
	cmd.Flags().StringVar(&keyFile, "key", "", "the Ed25519 public key, a PEM `FILE`, that the certificate has to be signed with")
	return cmd
}
