// Runs `npm start` as a newcomer would, waits for the line that says it is up, asks the API with the token it
// printed, then interrupts it and sees that everything ends.
import { spawn } from 'node:child_process'
import { get } from 'node:https'

const SECONDS_MAX = 180
const child = spawn('npm', ['start', '--silent'], { stdio: ['ignore', 'pipe', 'inherit'], detached: true })
const late = setTimeout(() => fail(`not up after ${SECONDS_MAX} s`), SECONDS_MAX * 1000)
let text = ''
child.stdout.on('data', (chunk) => {
  text += chunk
  process.stdout.write(chunk)
  const found = /(https:\/\/\S+:\d+)\S*\s.*?token (\S+)/s.exec(text)
  if (found) {
    child.stdout.removeAllListeners('data')
    child.stdout.resume()
    ask(found[1], found[2])
  }
})
child.on('exit', (code) => {
  clearTimeout(late)
  process.exit(code === 0 ? 0 : 1)
})

function ask(url, token) {
  // The certificate is made for this run; trust is not what is tested here.
  get(
    `${url}/v1/sources`,
    { headers: { authorization: `Bearer ${token}` }, rejectUnauthorized: false },
    (response) => {
      response.resume()
      if (response.statusCode !== 200) fail(`the API answered ${response.statusCode}`)
      else process.kill(-child.pid, 'SIGINT')
    },
  ).on('error', (error) => fail(error.message))
}

function fail(why) {
  process.stdout.write(`npm start: ${why}\n`)
  process.kill(-child.pid, 'SIGKILL')
  process.exit(1)
}
