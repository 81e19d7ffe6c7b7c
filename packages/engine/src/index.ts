export * from './rule/rule.ts'
