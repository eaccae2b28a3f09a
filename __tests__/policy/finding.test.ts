import { describe, expect, test } from 'vitest';
import { applyWaivers, type Finding, type Waiver } from '../../policy/finding.ts';

const FINDINGS: Finding[] = [
  {
    rule: 'pod-security',
    severity: 'error',
    resource: 'attic: kubernetes_cron_job_v1.warm',
    problem: 'p',
    remedy: 'r',
  },
  {
    rule: 'pod-security',
    severity: 'error',
    resource: 'attic: kubernetes_cron_job_v1.other',
    problem: 'p',
    remedy: 'r',
  },
  {
    rule: 'image-digest',
    severity: 'warning',
    resource: 'attic: kubernetes_cron_job_v1.warm',
    problem: 'p',
    remedy: 'r',
  },
];

function waiver(resource: string, rule: Waiver['rule'] = 'pod-security'): Waiver {
  return { rule, resource, reason: 'builds as root, in a namespace of its own' };
}

describe('waivers', () => {
  test('take the findings of one rule at one resource, with the reason', () => {
    const verdict = applyWaivers(FINDINGS, [waiver('attic: kubernetes_cron_job_v1.warm')]);
    expect(verdict.findings).toEqual([FINDINGS[1], FINDINGS[2]]);
    expect(verdict.waived).toEqual([
      { ...FINDINGS[0], reason: 'builds as root, in a namespace of its own' },
    ]);
    expect(verdict.idleWaivers).toEqual([]);
  });

  test('take every resource that a star stands for', () => {
    expect(applyWaivers(FINDINGS, [waiver('attic: *')]).findings).toEqual([FINDINGS[2]]);
    expect(applyWaivers(FINDINGS, [waiver('*.other')]).findings).toEqual([
      FINDINGS[0],
      FINDINGS[2],
    ]);
  });

  test('match the whole resource and nothing by half', () => {
    const verdict = applyWaivers(FINDINGS, [
      waiver('kubernetes_cron_job_v1.warm'),
      waiver('attic: kubernetes_cron_job_v1.w'),
    ]);
    expect(verdict.findings).toEqual(FINDINGS);
  });

  test('that waive nothing are to be removed', () => {
    const idle = waiver('attic: gone');
    expect(applyWaivers(FINDINGS, [idle]).idleWaivers).toEqual([idle]);
  });
});
