package schemas

import (
	"strings"

	"github.com/agnivade/levenshtein"
)

// nearest returns the known trigger that a misspelled name probably means: equal but
// for case and separators, or at most three single-character changes away.
func nearest(name string) string {
	const longest, farthest = 64, 3
	if len(name) > longest {
		return ""
	}
	plain := strings.NewReplacer("-", "_", ".", "_", " ", "_", ":", "_").Replace(strings.ToLower(strings.TrimSpace(name)))
	best, distance := "", min(farthest, len(plain)/3)+1
	for _, e := range theContract().entries {
		if d := levenshtein.ComputeDistance(plain, e.Name); d < distance {
			best, distance = e.Name, d
		}
	}
	return best
}
