import { execFile } from 'node:child_process';
import { cp, mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import type { Texts } from './workflow.js';

const run = promisify(execFile);

/** A real repository with a bare one beside it, where branches, tags and pull requests are. */
export class Repository {
  private constructor(
    private readonly work: string,
    readonly origin: string,
    private readonly env: Texts,
  ) {}

  /** Makes one in `folder` with the files of `template` as its first commit on main. */
  static async create(template: string, folder: string, env: Texts): Promise<Repository> {
    const repository = new Repository(path.join(folder, 'work'), path.join(folder, 'origin.git'), env);
    await mkdir(repository.work);
    await cp(template, repository.work, { recursive: true });
    await repository.git('init', '--quiet', '--initial-branch=main');
    await repository.git('init', '--quiet', '--bare', repository.origin);
    await repository.git('remote', 'add', 'origin', repository.origin);
    await repository.git('add', '--all');
    await repository.git('commit', '--quiet', '--message=Begin');
    await repository.git('push', '--quiet', 'origin', 'main');
    return repository;
  }

  async git(...args: readonly string[]): Promise<string> {
    const { stdout } = await run('git', [...args], { cwd: this.work, env: this.env });
    return stdout.trim();
  }

  /** The commit that a name stands for where everybody sees it. */
  async at(ref: string): Promise<string> {
    return (await this.git('ls-remote', this.origin, ref)).slice(0, 40);
  }

  async tag(...names: readonly string[]): Promise<void> {
    for (const name of names) await this.git('tag', name);
    await this.git('push', '--quiet', 'origin', ...names);
  }

  /** Opens pull request `number`: a branch from main with one file edited, and GitHub's merge of the two. */
  async propose(number: number, file: string, edit: (text: string) => string): Promise<void> {
    await this.git('checkout', '--quiet', '-B', `pull-${number}`, 'main');
    const target = path.join(this.work, file);
    const before = await readFile(target, 'utf8');
    const after = edit(before);
    if (after === before) throw new Error('the edit changes nothing');
    await writeFile(target, after);
    await this.git('commit', '--quiet', '--all', `--message=Change ${number}`);
    await this.git('checkout', '--quiet', '--detach', 'main');
    await this.git('merge', '--quiet', '--no-ff', `pull-${number}`, `--message=Merge ${number}`);
    await this.git('push', '--quiet', '--force', 'origin', `HEAD:refs/pull/${number}/merge`);
  }

  /** Merges a proposal and gives the commit that main is at. */
  async merge(number: number): Promise<string> {
    await this.git('checkout', '--quiet', 'main');
    await this.git('merge', '--quiet', '--squash', `pull-${number}`);
    await this.git('commit', '--quiet', `--message=Change ${number} (#${number})`);
    await this.git('push', '--quiet', 'origin', 'main');
    return this.git('rev-parse', 'HEAD');
  }
}
