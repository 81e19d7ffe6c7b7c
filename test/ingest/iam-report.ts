/** Header of a credential report, in the service's order. */
export const HEADER =
  'user,arn,user_creation_time,password_enabled,password_last_used,password_last_changed,password_next_rotation,mfa_active,' +
  'access_key_1_active,access_key_1_last_rotated,access_key_1_last_used_date,access_key_1_last_used_region,access_key_1_last_used_service,' +
  'access_key_2_active,access_key_2_last_rotated,access_key_2_last_used_date,access_key_2_last_used_region,access_key_2_last_used_service,' +
  'cert_1_active,cert_1_last_rotated,cert_2_active,cert_2_last_rotated'

/** A row of a user with a password and one key. */
export function userRow(name: string, mfa = true): string {
  const key = 'true,2026-01-02T03:04:05+00:00,2026-03-01T03:04:05+00:00,eu-west-1,s3'
  const times = '2026-03-01T03:04:05+00:00,2026-01-02T03:04:05+00:00,N/A'
  const person = `${name},arn:aws:iam::111122223333:user/${name},2025-01-02T03:04:05+00:00,true,${times},${mfa}`
  return `${person},${key},false,N/A,N/A,N/A,N/A,false,N/A,false,N/A`
}

export function userRows(from: number, to: number): string[] {
  return Array.from({ length: to - from }, (_, n) => userRow(`user${from + n}`))
}
