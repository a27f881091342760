// Mints LiveKit tokens with livekit/protocol/auth, the peer of MintTurns: for each line of its input,
// a count, it makes as many and answers the processor time of one in nanoseconds. Garbage collection
// on other threads is not in it, as it is not in the JVM's figures.
package main

import (
	"bufio"
	"fmt"
	"os"
	"runtime"
	"strconv"
	"syscall"
	"time"

	"github.com/livekit/protocol/auth"
)

// Linux's RUSAGE_THREAD, which the package syscall does not name.
const rusageThread = 1

func spent() int64 {
	var usage syscall.Rusage
	if err := syscall.Getrusage(rusageThread, &usage); err != nil {
		panic(err)
	}
	return usage.Utime.Nano() + usage.Stime.Nano()
}

func mint(key, secret string) string {
	yes := true
	grant := &auth.VideoGrant{RoomJoin: true, Room: "standup", CanPublish: &yes}
	token, err := auth.NewAccessToken(key, secret).
		SetIdentity("ada").SetName("Ada").SetValidFor(10 * time.Minute).SetVideoGrant(grant).ToJWT()
	if err != nil {
		panic(err)
	}
	return token
}

func verify(token, secret string) {
	received, err := auth.ParseAPIToken(token)
	if err != nil {
		panic(err)
	}
	if _, _, err := received.Verify(secret); err != nil {
		panic(err)
	}
}

func main() {
	runtime.LockOSThread()
	key, secret := os.Args[1], os.Args[2]
	token := mint(key, secret)
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		what, count := lines.Text()[:1], 0
		count, err := strconv.Atoi(lines.Text()[1:])
		if err != nil {
			panic(err)
		}
		began := spent()
		for i := 0; i < count; i++ {
			if what == "m" {
				mint(key, secret)
			} else {
				verify(token, secret)
			}
		}
		fmt.Println((spent() - began) / int64(count))
	}
}
