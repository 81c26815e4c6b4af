package examples

import "verifik-contract/internal/result"

// Failed is a scenario that failed by one finding, at its only exchange.
func Failed(rule string, level result.Level, f result.Finding) result.Scenario {
	f.Rule = rule
	return result.Scenario{
		ID: rule + f.Actual, Rule: rule, Level: level, Verdict: result.Failed, File: "features/a.feature", Line: 9, Findings: []result.Finding{f},
		Exchanges: []result.Exchange{{Request: result.Request{Method: "PUT"}, Answer: &result.Answer{Status: 200}}},
	}
}

func Explained(s result.Scenario, diagnosis string) result.Scenario {
	s.Diagnosis = diagnosis
	return s
}

func Lacks(path string) result.Finding {
	return result.Finding{Expectation: "the phone is validated", Path: path, Actual: "missing"}
}

func Differs(path, expected, actual string) result.Finding {
	return result.Finding{Expectation: "the phone is validated", Path: path, Expected: expected, Actual: actual}
}
