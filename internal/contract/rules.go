package contract

// The rules that code has to name: what they promise is more than a schema or a step can say.
const (
	ruleSuccess = "PV-01"
	ruleSpaces  = "PV-08"
)
