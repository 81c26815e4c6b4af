//go:build race

package explore

// thorough is how many seeds the long tests search with: the race detector makes each ten times slower, and what it
// looks for shows with one.
const thorough = 1
