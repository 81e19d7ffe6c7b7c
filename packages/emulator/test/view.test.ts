import { execFileSync } from 'node:child_process'
import { expect, test } from 'vitest'
import { render } from '../src/network/view.ts'

const LEDGER = {
  rawBytes: 0,
  records: 0,
  from: '2026-03-01',
  to: '2026-03-01',
  link: { bytes: 0, rawBytes: 0 },
  sources: [],
  rawDays: [],
  linkDays: [],
  rules: [],
  forwarders: [],
}

test('a shell takes the curl line apart as it was meant', () => {
  const text = render(
    {
      sources: { sources: [] },
      ledger: LEDGER,
      kept: [],
      linkBytes: 0,
      url: 'https://127.0.0.1:8443',
      token: 't0ken',
      ca: '/tmp/a folder/ca.pem',
    },
    40,
  )
  const [, command] = /^Try +curl (.*)$/m.exec(text)!
  // With failglob a shell refuses a `?` or `*` outside quotes that no file fits, as zsh does.
  const words = execFileSync('bash', ['-O', 'failglob', '-c', `printf '%s\\n' ${command}`], {
    encoding: 'utf8',
  })
  expect(words.trimEnd().split('\n')).toEqual([
    '--cacert',
    '/tmp/a folder/ca.pem',
    '-H',
    'Authorization: Bearer t0ken',
    'https://127.0.0.1:8443/v1/alerts?limit=5',
  ])
})
