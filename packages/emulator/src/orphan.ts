/** How often a process looks whether its parent is still there. */
const LOOK_MS = 500

/**
 * A signal that aborts when the parent of this process is gone: npm, told to end, ends without telling what it
 * started, and the network would run on unseen.
 */
export function untilOrphaned(target: NodeJS.Process): AbortSignal {
  const controller = new AbortController()
  const parent = target.ppid
  const look = setInterval(() => {
    if (target.ppid === parent) return
    clearInterval(look)
    controller.abort(new Error('the parent process has gone'))
  }, LOOK_MS)
  look.unref()
  return controller.signal
}
