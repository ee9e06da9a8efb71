package schemas

import (
	"strings"

	"github.com/agnivade/levenshtein"
)

// nearest returns the known trigger of a generation, or of any if that is "", that a
// misspelled name probably means: equal but for case and separators, or at most
// three single-character changes away.
func nearest(name string, generation Generation) string {
	const longest, farthest = 64, 3
	if len(name) > longest {
		return ""
	}
	alike := strings.NewReplacer("-", "_", ".", "_", " ", "_", ":", "_")
	plain := alike.Replace(strings.ToLower(strings.TrimSpace(name)))
	best, distance := "", min(farthest, len(plain)/3)+1
	for _, e := range theContract().entries {
		if generation != "" && e.Generation != generation {
			continue
		}
		if d := levenshtein.ComputeDistance(plain, alike.Replace(e.Name)); d < distance {
			best, distance = e.Name, d
		}
	}
	return best
}
