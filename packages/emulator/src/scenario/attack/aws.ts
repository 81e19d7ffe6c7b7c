import type { JsonObject } from '@weir/model'
import { awsCall, userIdentity } from '../records/cloudtrail.ts'
import type { Deed, Plot, Step } from './plot.ts'

/** In the other cloud: the trail is stopped, and a key made for somebody else. */
export const AWS_STEPS: readonly Step[] = [
  {
    id: 'cloudtrail-stopped',
    rule: 'aws.cloudtrail-stopped',
    dataset: 'aws.cloudtrail',
    entity: ({ awsUser }) => awsUser,
    act: (plot, start) => {
      const name = `arn:aws:cloudtrail:eu-central-1:${plot.tenant.aws.accounts[0]}:trail/org-trail`
      return [{ ...call(plot, start, 'cloudtrail', 'StopLogging', { name }, null), twice: true }]
    },
  },
  {
    id: 'aws-key-created',
    rule: 'aws.access-key-for-another-user',
    dataset: 'aws.cloudtrail',
    entity: ({ awsUser }) => awsUser,
    act: (plot, start) => {
      const userName = 'backup-reader'
      const accessKey = {
        userName,
        accessKeyId: `AKIA${plot.random.code(16)}`,
        status: 'Active',
        createDate: new Date(start).toISOString(),
      }
      return [call(plot, start, 'iam', 'CreateAccessKey', { userName }, { accessKey })]
    },
  },
]

function call(
  { tenant, random, awsUser, toolIp }: Plot,
  time: number,
  source: string,
  name: string,
  request: JsonObject,
  response: JsonObject | null,
): Deed {
  const id = random.guid()
  const account = tenant.aws.accounts[0]!
  const agent = 'aws-cli/2.17.40 md/prompt#off lang/python#3.11.9 md/pyimpl#CPython'
  const base = { id, source, name, request, response, account, agent, ip: toolIp, readOnly: false }
  return {
    stream: 'aws',
    time,
    eventIds: [id],
    write: (own) => awsCall(own, time, { ...base, identity: userIdentity(own, account, awsUser) }),
  }
}
