package certificate

import (
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"
	"time"

	"verifik-contract/internal/problem"
	"verifik-contract/internal/result"
	"verifik-contract/internal/text"
)

// Expected is what a gate asks of a certificate.
type Expected struct {
	Unsigned bool          // accept one whose signature was not verified
	Contract *Contract     // that was certified; nil: any
	Target   string        // base URL of the target; "": any
	MaxAge   time.Duration // since the run ended; 0: any
	Now      time.Time
}

// Contract is the digests of a contract, and its must and should promises.
type Contract struct {
	Digests  result.Digests
	Promises map[string]result.Level // by rule ID
}

// skew is how far the clocks of the certifying and the verifying machine may differ.
const skew = 5 * time.Minute

// Refusals returns every reason why a certificate of the right form is not what was expected.
func (v *Verification) Refusals(e Expected) problem.List {
	var found problem.List
	refuse := found.Add
	c := v.Certificate
	const unverified = "Anyone may have written or changed it. With --unsigned its contents are taken as they are."
	switch {
	case e.Unsigned:
	case v.Signature == NotSigned:
		refuse("the certificate is not signed", unverified)
	case v.Signature == NotChecked:
		refuse("the signature was not checked: --key names no public key", unverified)
	}
	if e.Contract != nil {
		c.certifies(*e.Contract, refuse)
	}
	if same := c.Target.Kind == result.HTTP && normalized(e.Target) == normalized(c.Target.BaseURL); e.Target != "" && !same {
		refuse(fmt.Sprintf("the certificate is of another target: %s (%s), not %s", line(c.Target.BaseURL), line(string(c.Target.Kind)), line(e.Target)), "")
	}
	age := e.Now.Sub(c.Finished)
	switch {
	case age < -skew:
		refuse(fmt.Sprintf("the run ends in the future: %s, and it is %s", stamp(c.Finished), stamp(e.Now)), "The clock here, or that of the run, is wrong.")
	case e.MaxAge > 0 && age > e.MaxAge:
		refuse(fmt.Sprintf("the certificate is too old: the run ended %s, %s ago, and --max-age allows %s", stamp(c.Finished), text.Duration(age), text.Duration(e.MaxAge)), "Run the contract again.")
	}
	return found
}

func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339) }

// certifies refuses a certificate of another contract, and one that does not hold exactly this contract's promises.
func (c *Certificate) certifies(contract Contract, refuse refuser) {
	const another = "It was made by another version of the tool, or with features or schemas of one's own. --any-contract takes it all the same."
	for _, d := range []struct{ of, certified, builtIn string }{
		{"features", c.Digests.Features, contract.Digests.Features}, {"schemas", c.Digests.Schemas, contract.Digests.Schemas},
	} {
		if d.certified != d.builtIn {
			refuse(fmt.Sprintf("the certificate is of another contract: its %s are %s, those of this tool %s", d.of, line(d.certified), d.builtIn), another)
		}
	}
	if c.Digests != contract.Digests {
		return // another contract may make other promises
	}
	certified := map[string]result.Level{}
	for _, p := range c.Promises {
		certified[p.ID] = p.Level
		if contract.Promises[p.ID] == "" {
			refuse(fmt.Sprintf("%s is certified, but is not a promise of the contract", line(p.ID)), "")
		}
	}
	for _, id := range slices.Sorted(maps.Keys(contract.Promises)) {
		if level := contract.Promises[id]; certified[id] != level {
			refuse(fmt.Sprintf("%s (%s) is a promise of the contract, and is not certified as one", id, level), "")
		}
	}
}

// normalized returns a URL without what makes no difference: the case of its scheme and host, the default port, a final slash.
func normalized(text string) string {
	u, err := url.Parse(strings.TrimSpace(text))
	if err != nil {
		return text
	}
	u.Scheme, u.Host = strings.ToLower(u.Scheme), strings.ToLower(u.Host)
	if port := map[string]string{"http": ":80", "https": ":443"}[u.Scheme]; port != "" {
		u.Host = strings.TrimSuffix(u.Host, port)
	}
	u.Path, u.RawPath = strings.TrimRight(u.Path, "/"), strings.TrimRight(u.RawPath, "/")
	return u.String()
}
