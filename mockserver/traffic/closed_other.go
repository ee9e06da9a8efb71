//go:build !unix

package traffic

import "net"

// closedByPeer cannot tell here: the next request will.
func closedByPeer(net.Conn) bool { return false }
