// Preloaded into children with `node --import`: the parent holds the other end of standard input, so its death,
// even by SIGKILL, ends the child too. Nothing in the child's own code has to know.
import { isMainThread } from 'node:worker_threads'

// Worker threads are handed the same preload, and their standard input is at its end from the start.
if (isMainThread) {
  process.stdin.on('end', () => process.exit(0))
  process.stdin.on('error', () => process.exit(0))
  process.stdin.resume()
  process.stdin.unref()
}
