package merge

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"verifik-contract/internal/group"
	"verifik-contract/internal/problem"
	"verifik-contract/internal/result"
	"verifik-contract/internal/shard"
	"verifik-contract/internal/text"
)

// shown bounds how many scenarios a problem names: two whole runs overlap in a hundred.
const shown = 3

// refusals is every reason why the runs are not the shards of one run.
func refusals(runs []*result.Run) problem.List {
	var found problem.List
	for i, r := range runs[1:] {
		for _, d := range differences(runs[0], r) {
			found.Add(fmt.Sprintf("%s does not belong with %s: %s", name(runs, i+1), name(runs, 0), d),
				"Merge only shards of one run: of one target, environment, contract, selection and tool version.")
		}
	}
	before := len(found)
	if shards := shardsOf(runs, &found); len(found) == before {
		incomplete(shards, &found)
	}
	overlaps(runs, &found)
	return found
}

// name is how a problem names a run: by its place in the list, and its shard where it says so.
func name(runs []*result.Run, i int) string {
	if s := runs[i].Selection.Shard; s != "" {
		return fmt.Sprintf("result %d (shard %s)", i+1, s)
	}
	return fmt.Sprintf("result %d", i+1)
}

// differences is what keeps two results from being shards of one run, in words.
func differences(a, b *result.Run) []string {
	var found []string
	differs := func(what, x, y string) {
		if x != y {
			found = append(found, fmt.Sprintf("the %s is %s, not %s", what, quoted(y), quoted(x)))
		}
	}
	differs("version of the result file", fmt.Sprint(a.Version), fmt.Sprint(b.Version))
	differs("tool", a.Tool.Name+" "+a.Tool.Version, b.Tool.Name+" "+b.Tool.Version)
	differs("kind of target", string(a.Target.Kind), string(b.Target.Kind))
	// An embedded target listens on another port in every process: it is the same provider all the same.
	if a.Target.Kind != result.Embedded || b.Target.Kind != result.Embedded {
		differs("target", a.Target.BaseURL, b.Target.BaseURL)
	}
	differs("environment", a.Environment, b.Environment)
	differs("list of rules", ids(a), ids(b))
	differs("digest of the features", a.Digests.Features, b.Digests.Features)
	differs("digest of the schemas", a.Digests.Schemas, b.Digests.Schemas)
	x, y := a.Selection, b.Selection
	differs("selection of rules", set(x.Rules), set(y.Rules))
	differs("selection of tags", x.Tags, y.Tags)
	differs("level", x.Level, y.Level)
	differs("selection of features", set(x.Features), set(y.Features))
	differs("number of repetitions", fmt.Sprint(max(x.Repeat, 1)), fmt.Sprint(max(y.Repeat, 1)))
	differs("level to fail on", cmp.Or(x.FailOn, "should"), cmp.Or(y.FailOn, "should"))
	differs("level to require", x.Require, y.Require)
	if p, q := budget(a), budget(b); p != "" && q != "" {
		differs("latency budget", p, q)
	}
	return found
}

// ids is the rules of a run: each shard names all that were selected, also those of which it runs nothing.
func ids(r *result.Run) string {
	var all []string
	for _, rule := range r.Rules {
		all = append(all, rule.ID)
	}
	return strings.Join(all, " ")
}

// budget is the latency budget of a run in words; "": none is known.
func budget(r *result.Run) string {
	if r.Latency == nil || r.Latency.Budget == nil {
		return ""
	}
	b := r.Latency.Budget
	return fmt.Sprintf("p95 %vms, max %vms, fail %t", b.P95, b.Max, b.Fail)
}

// quoted shows a value of a file that anyone may have written: escapes never reach the terminal raw.
func quoted(s string) string {
	if s == "" {
		return "not set"
	}
	return text.Quote(s)
}

func set(names []string) string {
	sorted := slices.Clone(names)
	slices.Sort(sorted)
	return strings.Join(slices.Compact(sorted), " ")
}

// shardsOf reads which shard each run is; a run that was not cut is the only one of one.
func shardsOf(runs []*result.Run, found *problem.List) []shard.Shard {
	shards := make([]shard.Shard, len(runs))
	for i, r := range runs {
		shards[i] = shard.Whole()
		switch text := r.Selection.Shard; {
		case text == "" && len(runs) > 1:
			found.Add(fmt.Sprintf("%s is not a shard", name(runs, i)), "It was run without --shard, so it is whole by itself.")
		case text != "":
			s, err := shard.Parse(text)
			if err != nil {
				found.Add(fmt.Sprintf("result %d: %v", i+1, err), "")
			}
			shards[i] = s
		}
	}
	return shards
}

// incomplete says which shards are missing, there twice or of another cut.
func incomplete(shards []shard.Shard, found *problem.List) {
	count := shards[0].Count
	have := map[int]int{}
	for i, s := range shards {
		if s.Count != count {
			found.Add(fmt.Sprintf("result %d is shard %s and result 1 is shard %s: the run was cut into %d and into %d", i+1, s, shards[0], s.Count, count),
				"Merge the shards of one cut.")
			continue
		}
		if other, twice := have[s.Index]; twice {
			found.Add(fmt.Sprintf("results %d and %d are both shard %s", other+1, i+1, s), "Leave one of them out.")
			continue
		}
		have[s.Index] = i
	}
	var missing []string
	for index := 1; index <= count; index++ {
		if _, there := have[index]; !there {
			missing = append(missing, shard.Shard{Index: index, Count: count}.String())
		}
	}
	if len(missing) > 0 {
		found.Add(fmt.Sprintf("%s missing: %s", text.Count(len(missing), "shard"), strings.Join(missing, ", ")),
			"Its result file was not named, or its job left none: run it again with the same --shard.")
	}
}

// overlaps says which runs judged the same scenario.
func overlaps(runs []*result.Run, found *problem.List) {
	type shared struct {
		a, b int
		id   string
	}
	owner := map[string]int{}
	var all []shared
	for i, r := range runs {
		for _, s := range r.Scenarios {
			if other, taken := owner[s.ID]; taken {
				all = append(all, shared{other, i, s.ID})
				continue
			}
			owner[s.ID] = i
		}
	}
	for _, both := range group.By(all, func(s shared) [2]int { return [2]int{s.a, s.b} }) {
		var lines []string
		for _, s := range both[:min(len(both), shown)] {
			lines = append(lines, quoted(s.id))
		}
		if more := len(both) - shown; more > 0 {
			lines = append(lines, fmt.Sprintf("and %d more", more))
		}
		a, b := both[0].a, both[0].b
		summary := fmt.Sprintf("%s and %s overlap: both judged %d of the scenarios", name(runs, a), name(runs, b), len(both))
		if a == b {
			summary = fmt.Sprintf("%s holds %d of its scenarios twice", name(runs, a), len(both))
		}
		found.Add(summary, strings.Join(lines, "\n"))
	}
}

// byShard is the runs in the shards' order, so that the merged result does not depend on the order of the files.
func byShard(runs []*result.Run) []*result.Run {
	index := func(r *result.Run) int {
		s, _ := shard.Parse(r.Selection.Shard) // refusals lets none through that is no shard, but for an only one
		return s.Index
	}
	sorted := slices.Clone(runs)
	slices.SortStableFunc(sorted, func(a, b *result.Run) int { return cmp.Compare(index(a), index(b)) })
	return sorted
}
