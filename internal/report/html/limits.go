package html

import (
	"cmp"
	"slices"

	"verifik-contract/internal/report/view"
	"verifik-contract/internal/result"
)

// What one page holds at most. The result file holds everything; a page that a browser cannot open helps nobody.
const (
	htmlBodyLimit      = 8 << 10 // bytes of a body
	htmlFieldLimit     = 2 << 10 // bytes of an expected or actual value, a description
	htmlLineLimit      = 512     // bytes of a name, a reason, a header's value
	htmlCurlLimit      = 12 << 10
	htmlScenarioLimit  = 2000 // scenarios that are listed
	htmlFailureLimit   = view.MaxExplained
	htmlExchangeBudget = 5 << 20 // bytes of all exchanges
	htmlExchangeLimit  = 50      // exchanges of one scenario
	htmlListLimit      = 100     // findings, steps, headers, warnings: entries of one list
	htmlOpenLimit      = 12      // scenarios that are open from the start
)

// htmlChoice is what of a run the page shows.
type htmlChoice struct {
	listed    []bool // by the scenario's index
	exchanges []bool // its exchanges are shown
	open      []bool

	unlisted, withoutExchanges int
	unshown                    int // of the unlisted, those that did not pass
}

// chooseHTML spends the page's room on what is read first: the worst verdicts, of them one scenario for each cause, and
// of a repeated scenario its first repetition.
func chooseHTML(scenarios []result.Scenario, found []view.Failure) htmlChoice {
	first := map[*result.Scenario]int{}
	for i := range found {
		first[found[i].Scenario] = i - len(found)
	}
	c := htmlChoice{
		listed:    make([]bool, len(scenarios)),
		exchanges: make([]bool, len(scenarios)),
		open:      make([]bool, len(scenarios)),
	}
	order := make([]int, len(scenarios))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int {
		return cmp.Or(
			cmp.Compare(htmlRank(scenarios[a].Verdict), htmlRank(scenarios[b].Verdict)),
			cmp.Compare(first[&scenarios[a]], first[&scenarios[b]]),
			cmp.Compare(max(scenarios[a].Repeat, 1), max(scenarios[b].Repeat, 1)),
		)
	})
	room := htmlExchangeBudget
	opened, listed, failures := 0, 0, 0
	for _, i := range order {
		s := scenarios[i]
		if htmlNeedsEyes(s.Verdict) {
			if failures++; failures > htmlFailureLimit {
				c.unlisted, c.unshown = c.unlisted+1, c.unshown+1
				continue
			}
		}
		if listed == htmlScenarioLimit {
			c.unlisted++
			continue
		}
		listed++
		c.listed[i] = true
		if first[&scenarios[i]] < 0 && opened < htmlOpenLimit { // one for each cause: the others say the same
			c.open[i] = true
			opened++
		}
		size := htmlExchangesSize(s)
		if size > room {
			c.withoutExchanges++
			continue
		}
		room -= size
		c.exchanges[i] = true
	}
	return c
}

// htmlRank is the order in which a reader wants to see verdicts.
func htmlRank(v result.Verdict) int {
	order := []result.Verdict{result.Failed, result.Broken, result.Waived, result.Observed, result.Skipped, result.Passed}
	if i := slices.Index(order, v); i >= 0 {
		return i
	}
	return 0 // a verdict that this version does not know is shown before all else
}

func htmlNeedsEyes(v result.Verdict) bool { return v == result.Failed || v == result.Broken }

// htmlExchangesSize is about what the scenario's exchanges take of the page; markup counts 1 KiB each.
func htmlExchangesSize(s result.Scenario) int {
	size := 0
	for _, e := range htmlFirst(s.Exchanges, htmlExchangeLimit) {
		size += 1024 + min(len(e.Request.URL), htmlFieldLimit) + htmlHeadersSize(e.Request.Headers) + min(len(e.Request.Body), htmlBodyLimit)
		if len(e.Curl) <= htmlCurlLimit {
			size += len(e.Curl)
		}
		if e.Answer != nil {
			size += htmlHeadersSize(e.Answer.Headers) + min(len(e.Answer.Body), htmlBodyLimit)
		}
	}
	return size
}

func htmlHeadersSize(headers map[string][]string) int {
	size := 0
	for name, values := range headers {
		for _, value := range values {
			size += min(len(name)+len(value), 2*htmlLineLimit)
		}
	}
	return min(size, htmlListLimit*2*htmlLineLimit)
}

// htmlFirst is the beginning of a list.
func htmlFirst[T any](list []T, limit int) []T { return list[:min(len(list), limit)] }

// htmlMore says how much of a list is left out; "" if nothing is.
func htmlMore(total, limit int, one, many string) string {
	if total <= limit {
		return ""
	}
	return htmlCount(total-limit, "more "+one+" is", "more "+many+" are") + " in the result file."
}
