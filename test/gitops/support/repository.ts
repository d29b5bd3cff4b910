import { execFile } from 'node:child_process';
import { cp, mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import type { Texts } from './workflow.js';

const run = promisify(execFile);

/** A real repository, with a bare one for branches, tags and pull requests. */
export class Repository {
  private constructor(
    private readonly work: string,
    readonly origin: string,
    private readonly env: Texts,
  ) {}

  /** Creates one in `folder`, with the files of `template` as the first commit on main. */
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

  /** Returns the commit that a name refers to in the bare repository. */
  async at(ref: string): Promise<string> {
    return (await this.git('ls-remote', this.origin, ref)).slice(0, 40);
  }

  /** Returns the text of a file on main. */
  async read(file: string): Promise<string> {
    return `${await this.git('show', `main:${file}`)}\n`;
  }

  /** Commits changed files to the current branch. */
  async commit(message: string, files: Texts): Promise<void> {
    for (const [file, text] of Object.entries(files)) {
      const target = path.join(this.work, file);
      if ((await readFile(target, 'utf8').catch(() => '')) === text)
        throw new Error(`${file} does not change`);
      await mkdir(path.dirname(target), { recursive: true });
      await writeFile(target, text);
    }
    await this.git('add', '--all');
    await this.git('commit', '--quiet', `--message=${message}`);
  }

  /** Opens pull request `number`: a branch from main with these files, and GitHub's merge commit. */
  async propose(number: number, files: Texts): Promise<void> {
    await this.git('checkout', '--quiet', '-B', `pull-${number}`, 'main');
    await this.commit(`Change ${number}`, files);
    await this.git('checkout', '--quiet', '--detach', 'main');
    await this.git('merge', '--quiet', '--no-ff', `pull-${number}`, `--message=Merge ${number}`);
    await this.git('push', '--quiet', '--force', 'origin', `HEAD:refs/pull/${number}/merge`);
  }

  /** Adds a pull request to the merge queue, and returns the branch that GitHub creates for it. */
  async queue(number: number): Promise<string> {
    await this.git('checkout', '--quiet', 'main');
    const branch = `gh-readonly-queue/main/pr-${number}-${await this.git('rev-parse', 'main')}`;
    await this.git('checkout', '--quiet', '-B', branch);
    await this.git('merge', '--quiet', '--squash', `pull-${number}`);
    await this.git('commit', '--quiet', `--message=Change ${number} (#${number})`);
    await this.git('push', '--quiet', 'origin', branch);
    return branch;
  }

  /** Merges a pull request, and returns the new commit of main. */
  async merge(number: number): Promise<string> {
    await this.git('checkout', '--quiet', 'main');
    await this.git('merge', '--quiet', '--squash', `pull-${number}`);
    await this.git('commit', '--quiet', `--message=Change ${number} (#${number})`);
    await this.git('push', '--quiet', 'origin', 'main');
    return this.git('rev-parse', 'HEAD');
  }
}
