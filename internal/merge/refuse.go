package merge

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"verifik-contract/internal/group"
	"verifik-contract/internal/problem"
	"verifik-contract/internal/result"
	"verifik-contract/internal/shard"
	"verifik-contract/internal/text"
)

// refusals returns every reason why the runs are not the shards of one run.
func refusals(runs []*result.Run) problem.List {
	var found problem.List
	shards := shardsOf(runs, &found)
	sameSplit := len(found) == 0
	known := cmp.Or(group.Map(runs, budget)...)
	wanted := identity(runs[0], shards[0], known)
	for i, r := range runs[1:] {
		for k, is := range identity(r, shards[i+1], known) {
			if want := wanted[k]; is.value != want.value {
				found.Add(fmt.Sprintf("%s does not belong with %s: the %s is %s, not %s", name(runs, i+1), name(runs, 0), is.name, text.Quote(is.value), text.Quote(want.value)),
					"Merge only shards of one run: of one target, environment, contract, selection, tool version and number of shards.")
			}
		}
		sameSplit = sameSplit && shards[i+1].Count == shards[0].Count
	}
	if sameSplit {
		incomplete(shards, &found)
	}
	judgedTwice(runs, &found)
	return found
}

// name returns how problems name a run: by its place in the list, and its shard if it has one.
func name(runs []*result.Run, i int) string {
	if s := runs[i].Selection.Shard; s != "" {
		return fmt.Sprintf("result %d (shard %s)", i+1, s)
	}
	return fmt.Sprintf("result %d", i+1)
}

type fact struct{ name, value string }

// identity returns what all shards of one run have in common. known is the budget to assume for a run without latency.
func identity(r *result.Run, s shard.Shard, known string) []fact {
	target := r.Target.BaseURL
	if r.Target.Kind == result.Embedded {
		target = "" // its port differs in every process
	}
	// All rules that were selected, also those of which a shard runs nothing.
	rules := group.Map(r.Rules, func(rule result.Rule) string { return rule.ID })
	of := r.Selection
	return []fact{
		{"version of the result file", strconv.Itoa(r.Version)},
		{"tool", r.Tool.Name + " " + r.Tool.Version},
		{"kind of target", string(r.Target.Kind)},
		{"target", target},
		{"environment", r.Environment},
		{"list of rules", strings.Join(rules, " ")},
		{"digest of the features", r.Digests.Features},
		{"digest of the schemas", r.Digests.Schemas},
		{"selection of rules", set(of.Rules)},
		{"selection of tags", of.Tags},
		{"level", of.Level},
		{"selection of features", set(of.Features)},
		{"number of repetitions", strconv.Itoa(max(of.Repeat, 1))},
		{"level to fail on", cmp.Or(of.FailOn, "should")},
		{"level to require", of.Require},
		{"latency budget", cmp.Or(budget(r), known)},
		{"number of shards", strconv.Itoa(s.Count)},
	}
}

// set returns names whose order and repetition mean nothing.
func set(names []string) string {
	return strings.Join(slices.Compact(slices.Sorted(slices.Values(names))), " ")
}

// budget returns the latency budget of a run; "" if it is not known, since nothing was answered.
func budget(r *result.Run) string {
	switch {
	case r.Latency == nil:
		return ""
	case r.Latency.Budget == nil:
		return "none"
	}
	b := r.Latency.Budget
	return fmt.Sprintf("p95 %v ms, max %v ms, fail %t", b.P95, b.Max, b.Fail)
}

// shardsOf returns which shard each run is; a single run that was not split is the only shard of one.
func shardsOf(runs []*result.Run, found *problem.List) []shard.Shard {
	shards := make([]shard.Shard, len(runs))
	for i, r := range runs {
		var err error
		switch spelt := r.Selection.Shard; {
		case spelt != "":
			shards[i], err = shard.Parse(spelt)
		case len(runs) > 1:
			err = fmt.Errorf("it is not a shard: it was run without --shard")
		default:
			shards[i] = shard.Whole()
		}
		if err != nil {
			found.Add(fmt.Sprintf("result %d: %v", i+1, err), "")
		}
	}
	return shards
}

// incomplete reports shards that are missing or there twice.
func incomplete(shards []shard.Shard, found *problem.List) {
	at := map[shard.Shard]int{}
	for i, s := range shards {
		if other, twice := at[s]; twice {
			found.Add(fmt.Sprintf("results %d and %d are both shard %s", other+1, i+1, s), "Leave one of them out.")
		}
		at[s] = i
	}
	var missing []string
	for index := range shards[0].Count {
		s := shard.Shard{Index: index + 1, Count: shards[0].Count}
		if _, there := at[s]; !there {
			missing = append(missing, s.String())
		}
	}
	if len(missing) > 0 {
		found.Add(fmt.Sprintf("%s missing: %s", text.Count(len(missing), "shard"), strings.Join(missing, ", ")),
			"Its result file was not named, or its job left none: run it again with the same --shard.")
	}
}

// judgedTwice reports the first scenario that two runs have.
func judgedTwice(runs []*result.Run, found *problem.List) {
	owner := map[string]int{}
	for i, r := range runs {
		for _, s := range r.Scenarios {
			if other, twice := owner[s.ID]; twice {
				found.Add(fmt.Sprintf("the scenario %s was judged twice: in %s and in %s", text.Quote(s.ID), name(runs, other), name(runs, i)), "")
				return
			}
			owner[s.ID] = i
		}
	}
}

// byShard returns the runs in the shards' order, so that the merged result does not depend on the order of the files.
func byShard(runs []*result.Run) []*result.Run {
	index := func(r *result.Run) int {
		s, _ := shard.Parse(r.Selection.Shard) // only a single run may have none
		return s.Index
	}
	sorted := slices.Clone(runs)
	slices.SortStableFunc(sorted, func(a, b *result.Run) int { return cmp.Compare(index(a), index(b)) })
	return sorted
}
