import { mkdir, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { parseAllDocuments } from 'yaml';
import { emptyFolder, runCli } from '../support/cli.js';
import { withAccount } from '../support/site.js';
import { textOf } from './files.js';

type Container = {
  readonly image: string;
  readonly args: readonly string[];
  readonly env: readonly { readonly name: string; readonly value?: string; readonly valueFrom?: unknown }[];
  readonly securityContext: unknown;
  readonly volumeMounts: readonly {
    readonly name: string;
    readonly mountPath: string;
    readonly readOnly: boolean;
  }[];
};
type PodSpec = {
  readonly restartPolicy: string;
  readonly automountServiceAccountToken: boolean;
  readonly securityContext: { readonly runAsNonRoot: boolean };
  readonly containers: readonly [Container];
  readonly volumes: readonly unknown[];
};
type JobSpec = { readonly template: { readonly spec: PodSpec }; readonly completions?: number };
type Manifest = {
  readonly kind: string;
  readonly apiVersion: string;
  readonly metadata: { readonly name?: string };
  readonly data?: Readonly<Record<string, string>>;
  readonly spec: JobSpec & {
    readonly jobTemplate?: { readonly spec: JobSpec };
    readonly completionMode?: string;
  };
};

function manifestsOf(file: string): readonly Manifest[] {
  return parseAllDocuments(textOf(`examples/kubernetes/${file}`)).map(
    (document) => document.toJS() as Manifest,
  );
}
const [configMap, cronJob] = manifestsOf('drift-cronjob.yaml');
const [indexed] = manifestsOf('indexed-job.yaml');
const cronPod = cronJob?.spec.jobTemplate?.spec.template.spec;
const indexedPod = indexed?.spec.template.spec;
const [applyJob] = manifestsOf('apply-job.yaml');
const applyPod = applyJob?.spec.template.spec;

/** Creates a mounted ConfigMap: links into a directory that is itself reached through a link. */
async function mounted(data: Readonly<Record<string, string>>): Promise<string> {
  const folder = await emptyFolder();
  const real = path.join(folder, '..2026_01_01_00_00_00.1');
  await mkdir(real);
  await symlink(path.basename(real), path.join(folder, '..data'));
  for (const [name, text] of Object.entries(data)) {
    await writeFile(path.join(real, name), text);
    await symlink(path.join('..data', name), path.join(folder, name));
  }
  return folder;
}

describe.each([
  ['drift-cronjob.yaml', cronPod],
  ['indexed-job.yaml', indexedPod],
  ['apply-job.yaml', applyPod],
])('%s', (_, pod) => {
  test('runs without permissions that it does not need', () => {
    expect(pod).toMatchObject({
      restartPolicy: 'Never',
      automountServiceAccountToken: false,
      securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
    });
    expect(pod?.containers[0].securityContext).toEqual({
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    });
    expect(pod?.containers[0].volumeMounts).toEqual([
      { name: 'desired', mountPath: '/etc/hookwright', readOnly: true },
    ]);
  });

  test('gets the token from a Secret', () => {
    const token = pod?.containers[0].env.find(({ name }) => name === 'CLOUDFLARE_API_TOKEN');
    expect(token).toMatchObject({ valueFrom: { secretKeyRef: { name: 'hookwright' } } });
  });
});

/** Returns the arguments of the image, with a directory in place of its volume. */
const argumentsOf = (pod: PodSpec | undefined, folder: string): string[] =>
  (pod?.containers[0].args ?? []).map((word) => (word === '/etc/hookwright' ? folder : word));

test('the CronJob, with its own ConfigMap: 2 on drift, 0 without, and nothing written', async () => {
  expect([configMap?.kind, cronJob?.kind, cronJob?.apiVersion]).toEqual(['ConfigMap', 'CronJob', 'batch/v1']);
  const folder = await mounted(configMap?.data ?? {});
  const live = [
    { name: 'Ops Slack', url: 'https://hooks.slack.com/services/T000/B000', type: 'slack', secret: 's' },
    { name: 'Relay', url: 'https://relay.example.com/cloudflare', secret: 's' },
  ];
  await withAccount({ webhooks: live }, async ({ run, emulator }) => {
    expect((await run(argumentsOf(cronPod, folder))).code).toBe(0);
    expect(emulator.writes()).toEqual([]);
  });
  await withAccount({ webhooks: live.slice(1) }, async ({ run, emulator }) => {
    expect((await run(argumentsOf(cronPod, folder))).code).toBe(2);
    expect(emulator.writes()).toEqual([]);
  });
});

test('the Job for Argo CD and Flux applies the file that Kustomize adds to its ConfigMap', async () => {
  const [kustomization] = manifestsOf('kustomization.yaml') as unknown as readonly [
    { readonly configMapGenerator: readonly [{ readonly name: string; readonly files: readonly [string] }] },
  ];
  const [{ name, files }] = kustomization.configMapGenerator;
  expect(applyPod?.volumes).toEqual([{ name: 'desired', configMap: { name } }]);
  const folder = await mounted({ [files[0]]: textOf(`examples/kubernetes/${files[0]}`) });
  await withAccount({}, async ({ run, names }) => {
    const { code } = await run(argumentsOf(applyPod, folder), { env: { RELAY_SECRET: 'relay-secret-1' } });
    expect([code, names()]).toEqual([0, ['Relay']]);
  });
});

test('the Indexed Job: together, its Pods apply each account once', async () => {
  expect(indexed?.spec.completionMode).toBe('Indexed');
  const completions = indexed?.spec.completions ?? 0;
  const said = indexedPod?.containers[0].env.find(({ name }) => name === 'JOB_COMPLETIONS')?.value;
  expect(said).toBe(String(completions));
  const accounts = Array.from({ length: 20 }, (_, i) => String(i).padStart(32, '0'));
  const files = accounts.map((id) => [
    `${id}.yaml`,
    `account_id: "${id}"\nunlisted: delete\nwebhooks:\n  - { name: A, url: "https://a.example/", secret: none }\n`,
  ]);
  const folder = await mounted(Object.fromEntries(files) as Record<string, string>);
  await withAccount({}, async ({ run, emulator }) => {
    for (let index = 0; index < completions; index += 1) {
      const env = { JOB_COMPLETION_INDEX: String(index), JOB_COMPLETIONS: said ?? '' };
      expect((await run(argumentsOf(indexedPod, folder), { env })).code).toBe(0);
    }
    const created = emulator.writes().map(({ accountId }) => accountId);
    expect([...created].sort()).toEqual(accounts);
    for (const account of accounts) expect(emulator.account(account).webhooks).toHaveLength(1);
  });
});

test('the command has the exit codes that the manifests expect', async () => {
  const folder = await mounted({ 'hookwright.yaml': 'webhooks: x\n' });
  const { code } = await runCli(argumentsOf(cronPod, folder), { cwd: folder });
  expect(code).toBe(3);
  expect(textOf('examples/kubernetes/drift-cronjob.yaml')).toContain('values: [2, 3, 6, 7]');
  for (const file of ['indexed-job', 'apply-job'])
    expect(textOf(`examples/kubernetes/${file}.yaml`)).toContain('values: [3, 6, 7]');
});
