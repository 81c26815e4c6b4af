//go:build race

package explore

// thorough is how many seeds the long tests use. The race detector makes each ten times slower, and finds races with one.
const thorough = 1
