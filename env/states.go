package env

import (
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2/hclsyntax"
)

// stateNames are the provider states that `without` can name. internal/state, which makes them, reads
// environments and so cannot be asked here; a test holds the two together.
func stateNames() []string {
	return []string{
		"a pending phone validation",
		"an expired phone validation",
		"no phone validation",
		"a pending phone validation with face liveness recommended",
		"a pending phone validation with a webhook",
	}
}

func (l *loader) readStates(e *Environment, body *hclsyntax.Body) {
	spec, _ := fileGrammar().block("states")
	for _, block := range blocks(body, "states") {
		kind := block.Labels[0]
		if e.Target.Kind == TargetEmbedded {
			l.besideEmbedded(block)
		}
		r := l.reader(blockTitle("states", kind), spec.body(kind), block.Body)
		switch kind {
		case StatesPact:
			e.States = append(e.States, States{Kind: kind, Pact: r.pact()})
		case StatesVerifik:
			e.States = append(e.States, States{Kind: kind, Verifik: r.verifik(block.Body)})
		case StatesStatic:
			e.States = append(e.States, States{Kind: kind, Static: r.static()})
		}
	}
	target := blocks(body, "target")
	tried := slices.ContainsFunc(body.Blocks, func(b *hclsyntax.Block) bool { return b.Type == "states" })
	if e.Target.Kind == TargetHTTP && !tried {
		l.note(finding{at: target[0].DefRange(), summary: "The environment lacks a states block",
			detail: fmt.Sprintf("Scenarios start from records that something makes: states %q, %q or %q { ... }.", StatesPact, StatesVerifik, StatesStatic)})
	}
}

func (l *loader) besideEmbedded(block *hclsyntax.Block) {
	l.note(finding{at: block.DefRange(), summary: fmt.Sprintf("A %s block beside target %q", block.Type, TargetEmbedded),
		detail: fmt.Sprintf("The embedded target has its own. Take the block out, or write target %q.", TargetHTTP)})
}

func (r reader) pact() *Pact {
	p := &Pact{Teardown: r.boolean("teardown"), Headers: r.headers("headers", "Authorization")}
	p.URL, _ = r.url("url", handlerURL())
	names, _ := r.list("without")
	for _, name := range names {
		switch {
		case !slices.Contains(stateNames(), name.text):
			f := finding{at: name.at, summary: `"without" names a state that no scenario asks for`, detail: "States are: " + quoted(stateNames()) + "."}
			if best := nearState(name.text); best != "" {
				f.detail = fmt.Sprintf("Did you mean %q?", best)
			}
			r.note(f)
		case slices.Contains(p.Without, name.text):
			r.note(finding{at: name.at, summary: `"without" names a state twice`, detail: "Keep one of the two."})
		default:
			p.Without = append(p.Without, name.text)
		}
	}
	return p
}

// nearState also finds a state by its beginning or its end, as people shorten it.
func nearState(given string) string {
	if best := suggest(given, stateNames()); best != "" {
		return best
	}
	for _, name := range stateNames() {
		if len(given) > 5 && strings.Contains(plain(name), plain(given)) {
			return name
		}
	}
	return ""
}

func (r reader) static() *Static {
	path, ok := r.text("file")
	if !ok {
		return &Static{}
	}
	s := &Static{File: r.path(path)}
	data, err := readText(s.File, maxRecords)
	if err != nil {
		r.wrong("file", "cannot be read", sentence(err)+" Relative paths start at the environment file's folder.")
		return s
	}
	if at, what := badText(data); at >= 0 {
		r.wrong("file", "names a file that holds "+what, "Records are JSON in UTF-8.")
	}
	s.Data = data
	return s
}
