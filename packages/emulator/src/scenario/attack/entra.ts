import type { JsonObject } from '@weir/model'
import { type Audit, audit, modified, userTarget } from '../records/audit.ts'
import { userSignIn } from '../records/sign-in.ts'
import type { User } from '../tenant.ts'
import { MINUTE_MS } from '../times.ts'
import type { Deed, Plot, Step } from './plot.ts'

/** Passwords are guessed, one fits, and what it opens is made to last. */
export const ENTRA_STEPS: readonly Step[] = [
  {
    id: 'password-spray',
    rule: 'entra.password-spray',
    dataset: 'azure.signinlogs',
    entity: ({ sprayIp }) => sprayIp,
    act: spray,
  },
  {
    id: 'spray-success',
    rule: 'entra.spray-then-success',
    dataset: 'azure.signinlogs',
    entity: ({ sprayIp }) => sprayIp,
    // The spray lasts eight minutes; this comes while it is still warm.
    act: (plot) => [signIn(plot, plot.victim, plot.start + 9 * MINUTE_MS, 0)],
  },
  {
    id: 'mfa-method-added',
    rule: 'entra.mfa-method-added',
    dataset: 'azure.auditlogs',
    entity: ({ victim }) => victim.upn,
    act: (plot, start) => [change(plot, start, registration(plot))],
  },
  {
    id: 'role-granted',
    rule: 'entra.privileged-role-granted',
    dataset: 'azure.auditlogs',
    entity: ({ victim }) => victim.upn,
    act: (plot, start) => [change(plot, start, roleGrant(plot))],
  },
  {
    id: 'sp-credential-added',
    rule: 'entra.service-principal-credential-added',
    dataset: 'azure.auditlogs',
    entity: ({ victim }) => victim.upn,
    act: (plot, start) => [change(plot, start, credential(plot))],
  },
]

const SPRAYED_USERS = 40
/** Of the sprayed sign-ins, every tenth is told three quarters of an hour late, and one is told twice. */
const HELD_BACK_MS = 45 * MINUTE_MS

function spray(plot: Plot, start: number): readonly Deed[] {
  return Array.from({ length: SPRAYED_USERS }, (_, n) => {
    const user = n === 21 ? plot.victim : plot.tenant.users[n * 15 + 3]!
    const deed = signIn(plot, user, start + n * 12_000, 50126)
    return {
      ...deed,
      ...(n % 10 === 4 ? { heldBack: HELD_BACK_MS } : {}),
      ...(n === 7 ? { twice: true } : {}),
    }
  })
}

function signIn({ tenant, random, sprayIp }: Plot, user: User, time: number, errorCode: number): Deed {
  const id = random.guid()
  const sign = { user, interactive: true, errorCode, ip: sprayIp, id }
  return { stream: 'entra', time, eventIds: [id], write: (own) => userSignIn(tenant, own, time, sign) }
}

type Change = Omit<Audit, 'by' | 'ip' | 'id'>

function change({ tenant, random, victim, sprayIp }: Plot, time: number, what: Change): Deed {
  const id = `Directory_${random.guid()}_${random.code(5)}`
  const whole = { ...what, by: victim, ip: sprayIp, id }
  return { stream: 'entra', time, eventIds: [id], write: (own) => audit(tenant, own, time, whole) }
}

function registration({ victim }: Plot): Change {
  return {
    activity: 'User registered security info',
    category: 'UserManagement',
    service: 'Authentication Methods',
    operationType: 'Add',
    reason: 'User registered Authenticator App with Notification and Code',
    target: userTarget(victim, []),
  }
}

const GLOBAL_ADMINISTRATOR = '62e90394-69f5-4237-9190-012177145e10'

function roleGrant({ tenant }: Plot): Change {
  return {
    activity: 'Add member to role',
    category: 'RoleManagement',
    service: 'Core Directory',
    operationType: 'Assign',
    target: userTarget(tenant.users[77]!, [
      modified('Role.ObjectID', '0f4c6d2e-58b1-4a0e-9f0b-7f4f2f9f2d10'),
      modified('Role.DisplayName', 'Global Administrator'),
      modified('Role.TemplateId', GLOBAL_ADMINISTRATOR),
      modified('Role.WellKnownObjectName', 'TenantAdmins'),
    ]),
  }
}

function credential({ tenant }: Plot): Change {
  return {
    activity: 'Add service principal credentials',
    category: 'ApplicationManagement',
    service: 'Core Directory',
    operationType: 'Update',
    target: principalTarget(tenant.principals[0]!.id, tenant.principals[0]!.name),
  }
}

function principalTarget(id: string, displayName: string): JsonObject {
  const key =
    '[KeyIdentifier=5f0c1f5e-0b1c-4e83-8a0b-9a2d3f4c5b6a,KeyType=Password,KeyUsage=Verify,DisplayName=sync]'
  return {
    id,
    displayName,
    type: 'ServicePrincipal',
    modifiedProperties: [
      modified('KeyDescription', [key], []),
      modified('Included Updated Properties', 'KeyDescription'),
    ],
  }
}
