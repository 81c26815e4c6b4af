package html

import (
	"cmp"
	"fmt"
	"slices"

	"verifik-contract/internal/report/view"
	"verifik-contract/internal/result"
	"verifik-contract/internal/text"
)

// The most that a page shows, so that browsers can open it. The result file has everything.
const (
	bodyLimit      = 8 << 10 // bytes of a body
	fieldLimit     = 2 << 10 // characters of an expected or actual value, bytes of a description
	idLimit        = 60      // characters of an id, a method, a cause
	lineLimit      = 512     // characters of a name, a reason, a header's value
	curlLimit      = 12 << 10
	scenarioLimit  = 2000 // scenarios that are listed
	failureLimit   = view.MaxExplained
	exchangeBudget = 5 << 20 // bytes of all exchanges
	exchangeLimit  = 50      // exchanges of one scenario
	listLimit      = 100     // findings, steps, headers, warnings: entries of one list
	openLimit      = 12      // causes whose scenario is shown open
)

// choose decides which scenarios are listed, and which with their exchanges, within the page's limits: the worst verdicts
// first, of them one scenario for each cause first, and first repetitions before the others.
func (p *page) choose() []*scenario {
	first := map[*result.Scenario]int{}
	for i := range p.Failures {
		first[p.Failures[i].Scenario()] = i - len(p.Failures)
	}
	var all []*scenario
	for i := range p.Scenarios {
		all = append(all, &scenario{Scenario: &p.Scenarios[i], Anchor: fmt.Sprintf("scenario-%d", i+1), PageFull: true})
	}
	order := slices.SortedStableFunc(slices.Values(all), func(a, b *scenario) int {
		return cmp.Or(
			cmp.Compare(rank(a.Verdict), rank(b.Verdict)),
			cmp.Compare(first[a.Scenario], first[b.Scenario]),
			cmp.Compare(max(a.Repeat, 1), max(b.Repeat, 1)),
		)
	})
	room, failures := exchangeBudget, 0
	for _, s := range order {
		if s.Verdict.NeedsAttention() {
			if failures++; failures > failureLimit {
				p.Unshown++
				continue
			}
		}
		if p.Counts.Total() == scenarioLimit {
			continue
		}
		p.Counts[s.Verdict]++
		s.Listed = true
		s.Open = first[s.Scenario] < min(0, openLimit-len(p.Failures)) // one for each cause: the others show the same
		if size := sizeOf(s.Scenario); size <= room {
			room -= size
			s.PageFull = false
		} else {
			p.WithoutExchanges++
		}
	}
	return all
}

// rank orders verdicts by how early a reader wants to see them.
func rank(v result.Verdict) int {
	return slices.Index([]result.Verdict{result.Failed, result.Broken, result.Waived, result.Observed, result.Skipped, result.Passed}, v)
}

// sizeOf estimates how much room a scenario's exchanges take: their bodies, and 4 KiB each for everything else.
func sizeOf(s *result.Scenario) int {
	size := 0
	for _, e := range s.Exchanges[:min(len(s.Exchanges), exchangeLimit)] {
		size += 4<<10 + min(len(e.Request.Body), bodyLimit)
		if e.Answer != nil {
			size += min(len(e.Answer.Body), bodyLimit)
		}
	}
	return size
}

// more returns how much of a list is left out; "" if nothing is.
func more(limit, total int, noun string) string {
	if total <= limit {
		return ""
	}
	return "The result file holds " + text.Count(total-limit, "more "+noun) + "."
}
