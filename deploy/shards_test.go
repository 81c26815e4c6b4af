package main_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"verifik-contract/internal/shard"
)

// together fails unless the texts, as the tool reads them, are all the shards of one cut.
func together(t *testing.T, texts []string) {
	t.Helper()
	seen := map[int]bool{}
	for _, text := range texts {
		s, err := shard.Parse(text)
		require.NoError(t, err)
		require.Equal(t, len(texts), s.Count, "%q says how many shards there are", text)
		seen[s.Index] = true
	}
	require.Len(t, seen, len(texts), "each shard once")
}

func TestTheWorkflowRunsEveryShardAndLetsEachFinish(t *testing.T) {
	doc := documents(t, "github-actions/contract.yml")[0]
	job := at(t, doc, "jobs", "shard").(object)
	matrix := at(t, job, "strategy", "matrix", "shard").([]any)
	require.Contains(t, text(t, job), `"SHARD":"${{ matrix.shard }}/${{ strategy.job-total }}"`)
	require.Contains(t, text(t, job), `--shard \"$SHARD\"`)
	texts := []string{}
	for _, index := range matrix {
		texts = append(texts, fmt.Sprintf("%v/%d", index, len(matrix)))
	}
	together(t, texts)
	require.Equal(t, false, at(t, job, "strategy", "fail-fast"))
}

func TestTheWorkflowIsNightlyAndMayReadOnly(t *testing.T) {
	doc := documents(t, "github-actions/contract.yml")[0]
	require.Len(t, strings.Fields(at(t, doc, "on", "schedule", 0, "cron").(string)), 5)
	require.Contains(t, at(t, doc, "on"), "workflow_dispatch", "it can be started by hand")
	require.NotContains(t, at(t, doc, "on"), "pull_request", "secrets do not reach a stranger's change")
	require.Equal(t, object{"contents": "read"}, at(t, doc, "permissions"))
	require.Equal(t, false, at(t, doc, "concurrency", "cancel-in-progress"))
	for name, job := range at(t, doc, "jobs").(object) {
		require.NotContains(t, job, "permissions", "%s asks for no more", name)
		require.Contains(t, job, "timeout-minutes", "%s does not hang for six hours", name)
		for _, step := range at(t, job, "steps").([]any) {
			if uses, ok := step.(object)["uses"].(string); ok {
				require.Regexp(t, `^actions/[a-z-]+(/[a-z]+)?@v[1-9]\d*$`, uses, "an action of GitHub's own, of one major version")
			}
		}
	}
}

func TestTheWorkflowKeepsResults(t *testing.T) {
	doc := documents(t, "github-actions/contract.yml")[0]
	for _, job := range []string{"shard", "verdict"} {
		kept := false
		for _, step := range at(t, doc, "jobs", job, "steps").([]any) {
			s := step.(object)
			if uses, _ := s["uses"].(string); strings.HasPrefix(uses, "actions/upload-artifact@") {
				kept = true
				require.Equal(t, "${{ always() }}", s["if"], "also where the run was red")
			}
		}
		require.True(t, kept, job)
	}
	verdict := at(t, doc, "jobs", "verdict").(object)
	require.Equal(t, "shard", verdict["needs"])
	require.Equal(t, "${{ !cancelled() }}", verdict["if"], "a red shard is part of the verdict")
}

func TestThePipelineRunsEveryShardAndTriesOnlyTheUnjudgedAgain(t *testing.T) {
	doc := documents(t, "gitlab/.gitlab-ci.yml")[0]
	job := at(t, doc, "contract").(object)
	require.Contains(t, text(t, job["script"]), `--shard \"$CI_NODE_INDEX/$CI_NODE_TOTAL\"`)
	count := job["parallel"].(int)
	texts := []string{}
	for i := 1; i <= count; i++ { // GitLab counts CI_NODE_INDEX from one
		texts = append(texts, fmt.Sprintf("%d/%d", i, count))
	}
	together(t, texts)
	require.Equal(t, []any{3}, at(t, job, "retry", "exit_codes"))
	require.Equal(t, "always", at(t, job, "artifacts", "when"))
	require.Equal(t, "shards/*.xml", at(t, job, "artifacts", "reports", "junit"))
	require.Contains(t, text(t, job["script"]), "junit-files=shards/")
	require.Equal(t, "always", at(t, doc, "verdict", "when"))
}

func job(t *testing.T) object {
	t.Helper()
	docs := documents(t, "kubernetes/cronjob.yaml")
	require.Equal(t, "CronJob", docs[1]["kind"])
	return at(t, docs[1], "spec", "jobTemplate", "spec").(object)
}

func TestTheJobRunsEveryShardByItsIndex(t *testing.T) {
	spec := job(t)
	require.Equal(t, "Indexed", spec["completionMode"])
	count := spec["completions"].(int)
	require.Equal(t, count, spec["parallelism"])
	form, results := "", ""
	for _, arg := range at(t, spec, "template", "spec", "containers", 0, "args").([]any) {
		if value, found := strings.CutPrefix(arg.(string), "--shard="); found {
			form = value
		}
		if value, found := strings.CutPrefix(arg.(string), "--result="); found {
			results = value
		}
	}
	require.Contains(t, form, "$(JOB_COMPLETION_INDEX)")
	require.Contains(t, results, "$(JOB_COMPLETION_INDEX)", "no shard writes over another's result")
	texts := []string{}
	for i := range count { // Kubernetes counts from zero
		texts = append(texts, strings.ReplaceAll(form, "$(JOB_COMPLETION_INDEX)", fmt.Sprint(i)))
	}
	together(t, texts)
}

func TestTheJobTriesAgainOnlyWhatMayComeOutOtherwise(t *testing.T) {
	spec := job(t)
	action := map[int]string{}
	container := at(t, spec, "template", "spec", "containers", 0, "name")
	for _, rule := range at(t, spec, "podFailurePolicy", "rules").([]any) {
		codes, ok := rule.(object)["onExitCodes"].(object)
		if !ok {
			require.Contains(t, rule, "onPodConditions")
			continue
		}
		require.Equal(t, container, codes["containerName"], "a rule for a container that is not there never holds")
		require.Equal(t, "In", codes["operator"])
		for _, code := range codes["values"].([]any) {
			require.NotContains(t, action, code, "the first rule that fits decides")
			action[code.(int)] = rule.(object)["action"].(string)
		}
	}
	require.Equal(t, map[int]string{
		1:   "FailIndex", // a promise is broken: this shard ends, the others finish
		2:   "FailJob",   // the input is wrong for all
		3:   "Count",     // tried again
		130: "Count",
	}, action)
	require.Positive(t, spec["backoffLimitPerIndex"], "FailIndex asks for it")
	require.NotContains(t, spec, "backoffLimit")
	require.Equal(t, "Never", at(t, spec, "template", "spec", "restartPolicy"), "podFailurePolicy asks for it")
	require.Equal(t, "Forbid", at(t, documents(t, "kubernetes/cronjob.yaml")[1], "spec", "concurrencyPolicy"))
}

func TestThePodMayDoNothingButItsWork(t *testing.T) {
	pod := at(t, job(t), "template", "spec").(object)
	require.Equal(t, true, at(t, pod, "securityContext", "runAsNonRoot"))
	require.Equal(t, "RuntimeDefault", at(t, pod, "securityContext", "seccompProfile", "type"))
	require.Equal(t, false, pod["automountServiceAccountToken"])
	container := at(t, pod, "containers", 0).(object)
	require.Equal(t, true, at(t, container, "securityContext", "readOnlyRootFilesystem"))
	require.Equal(t, false, at(t, container, "securityContext", "allowPrivilegeEscalation"))
	require.Equal(t, []any{"ALL"}, at(t, container, "securityContext", "capabilities", "drop"))
	require.NotContains(t, container, "command", "the image's entry point is the tool")
	require.Regexp(t, `:\d+\.\d+\.\d+$`, container["image"], "a version, never latest")
	for _, e := range container["env"].([]any) {
		require.NotContains(t, e, "value", "every value comes from a Secret, a ConfigMap or the pod itself")
		name := e.(object)["name"].(string)
		if name == "CONTRACT_VAR_client_token" || name == "CONTRACT_VAR_demo_otp" {
			require.Contains(t, at(t, e, "valueFrom"), "secretKeyRef")
		}
	}
	mount := at(t, container, "volumeMounts", 0).(object)
	volume := at(t, pod, "volumes", 0).(object)
	require.Equal(t, volume["name"], mount["name"])
	claim := documents(t, "kubernetes/cronjob.yaml")[0]
	require.Equal(t, at(t, claim, "metadata", "name"), at(t, volume, "persistentVolumeClaim", "claimName"))
}
