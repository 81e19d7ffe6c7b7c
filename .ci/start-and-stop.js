// Runs `npm start` as a newcomer would, waits for the line that says it is up, asks the API with the token that it
// printed, then interrupts it as Ctrl-C does and sees that nothing of it is left.
import { spawn } from 'node:child_process'
import { get } from 'node:https'

const SECONDS_MAX = 240
const GONE_SECONDS_MAX = 20
const began = Date.now()
const child = spawn('npm', ['start', '--silent'], { stdio: ['ignore', 'pipe', 'inherit'], detached: true })
const late = setTimeout(() => fail(`not up after ${SECONDS_MAX} s`), SECONDS_MAX * 1000)
let interrupted = false
let text = ''
child.stdout.on('data', (chunk) => {
  text += chunk
  const found = /(https:\/\/\S+:\d+)\S*\s.*?token (\S+)/s.exec(text)
  if (found === null || interrupted) return
  interrupted = true
  process.stdout.write(`up after ${Math.round((Date.now() - began) / 1000)} s\n`)
  ask(found[1], found[2])
})
child.on('exit', () => {
  clearTimeout(late)
  if (interrupted) waitGone(Date.now())
  else fail('ended by itself')
})

function ask(url, token) {
  // The certificate is made for this run; trust is not what is tested here.
  const headers = { authorization: `Bearer ${token}` }
  get(`${url}/v1/sources`, { headers, rejectUnauthorized: false }, (response) => {
    response.resume()
    if (response.statusCode === 200) process.kill(-child.pid, 'SIGINT')
    else fail(`the API answered ${response.statusCode}`)
  }).on('error', (error) => fail(error.message))
}

/** Every process of the group must end, the network's children included. */
function waitGone(since) {
  try {
    process.kill(-child.pid, 0)
  } catch {
    process.stdout.write('stopped, nothing left behind\n')
    process.exit(0)
  }
  if (Date.now() - since > GONE_SECONDS_MAX * 1000) fail('processes were left behind')
  setTimeout(waitGone, 100, since)
}

function fail(why) {
  process.stdout.write(`npm start: ${why}\n`)
  try {
    process.kill(-child.pid, 'SIGKILL')
  } catch {
    // Nothing is left to be killed.
  }
  process.exit(1)
}
