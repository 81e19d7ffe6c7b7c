import { mkdtempSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { makeCertificates } from '@weir/emulator'
import { systemClock } from '@weir/runtime'
import { expect, test } from 'vitest'
import { until } from '../e2e/until.ts'
import { TestAggregator } from './aggregator.ts'
import { counted, freePort, lined, sendDatagrams, sendInOrder } from './syslog-sender.ts'

/** As it stands in the repository. */
function shipped(name: string): object {
  const path = new URL(`../../rules/windows/security/${name}.json`, import.meta.url)
  const { $schema: _, ...rule } = JSON.parse(readFileSync(path, 'utf8')) as Record<string, unknown>
  return rule
}

const SSH_GUESSED = {
  id: 'linux.ssh-guessed',
  name: 'SSH password guessed at',
  severity: 'medium',
  dataset: ['system.syslog'],
  conditions: {
    all: [
      { fact: 'event.action', operator: 'equal', value: 'ssh_login' },
      { fact: 'event.outcome', operator: 'equal', value: 'failure' },
    ],
  },
  correlation: { type: 'event_count', 'group-by': ['source.ip'], timespan: '5m', condition: { gte: 5 } },
  event: { type: 'credential-access' },
}

const WALL_DENIED = {
  id: 'wall.denied',
  name: 'Connection refused by the firewall',
  severity: 'low',
  dataset: ['cef.log', 'leef.log'],
  conditions: { all: [{ fact: 'event.type', operator: 'contains', value: 'denied' }] },
  event: { type: 'discovery' },
}

/** A failed logon as NXLog writes it. */
function logon(n: number): string {
  const time = new Date(systemClock.now() - 60_000 + n * 1_000).toISOString()
  return JSON.stringify({
    EventTime: time,
    Hostname: 'dc1.lindhof.example',
    Channel: 'Security',
    EventID: 4625,
    RecordNumber: n,
    TargetUserName: `user${n}`,
    IpAddress: '203.0.113.7',
    Status: '0xc000006d',
    SubStatus: '0xc000006a',
  })
}

test('an aggregator on premises: what servers, domain controllers and firewalls send makes alerts', async () => {
  const ports = [await freePort(), await freePort(), await freePort()]
  const listeners = [
    { transport: 'udp', host: '127.0.0.1', port: ports[0] },
    { transport: 'tcp', host: '127.0.0.1', port: ports[1] },
    { transport: 'tls', host: '127.0.0.1', port: ports[2], format: 'json', tls: {} },
  ]
  const made = await makeCertificates(mkdtempSync(join(tmpdir(), 'weir-syslog-rules-')), systemClock.now())
  listeners[2]!.tls = made.server
  const weir = await TestAggregator.start([{ type: 'syslog', name: 'syslog', listeners }])
  weir.rule('spray.json', shipped('password-spray'))
  weir.rule('ssh.json', SSH_GUESSED)
  weir.rule('wall.json', WALL_DENIED)
  const rules = async () => (await weir.ask((client) => client.rules())).rules.length === 3
  await until('the rules are loaded', rules)

  const stamp = `${new Date(systemClock.now()).toISOString().slice(0, 19)}Z`
  const failed = `<86>${stamp} web1 sshd[4711]: Failed password for root from 198.51.100.9 port 50123 ssh2`
  await sendInOrder(ports[1]!, lined(Array.from({ length: 5 }, () => failed)))
  await sendDatagrams(ports[0]!, [
    'CEF:0|Maker|Wall|1|100|Refused|5|src=10.0.0.1 dst=198.51.100.2 dpt=22 act=blocked',
    'LEEF:2.0|Maker|Wall|1|refused|^|src=10.0.0.1^dst=198.51.100.3^action=Deny',
    'CEF:0|Maker|Wall|1|100|Let through|1|src=10.0.0.1 dst=198.51.100.2 dpt=443 act=allowed',
  ])
  const logons = Array.from({ length: 10 }, (_, n) => logon(n))
  await sendInOrder(ports[2]!, counted(logons), { ca: readFileSync(made.ca) })

  const found = await until('four alerts stand', async () => {
    const { items } = await weir.ask(async (client) => {
      for await (const page of client.alerts({ kind: 'detection', limit: 100 })) return page
      return { items: [] }
    })
    return items.length >= 4 ? items : undefined
  })
  const { read, normalized } = (await weir.source('syslog'))!
  await weir.stop()
  expect([read, normalized]).toEqual([18, 18])
  expect(found.map(({ rule }) => rule.id).sort()).toEqual([
    'linux.ssh-guessed',
    'wall.denied',
    'wall.denied',
    'windows.password-spray',
  ])
})
