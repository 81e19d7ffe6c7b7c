/** The tokens that the stand-in knows; they open nothing but it. */
export const HEC_TOKENS = {
  plain: { value: '5f2c1d4e-0000-4000-8000-000000000001', acknowledges: false, disabled: false },
  acknowledging: { value: '5f2c1d4e-0000-4000-8000-000000000002', acknowledges: true, disabled: false },
  disabled: { value: '5f2c1d4e-0000-4000-8000-000000000003', acknowledges: false, disabled: true },
} as const
