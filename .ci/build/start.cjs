#!/usr/bin/env node
// Copied to dist/hookwright.cjs. It checks the version of Node first, in syntax that an old Node understands:
// the rest would fail there without saying why.
/* global process */
const { node } = process.versions;
if (Number(node.split('.')[0]) < 20) {
  process.stderr.write(
    `Error: hookwright requires Node.js 20 or later; this is ${node}. Nothing was done.\n`,
  );
  process.exit(3);
}

// Node 22 and later can keep compiled code between runs
// (https://nodejs.org/api/module.html#module-compile-cache). The cache is in the user's own cache directory:
// others could write code to the temporary directory, and a relative path would lead into the checkout.
const { enableCompileCache } = require('node:module');
const { isAbsolute, join } = require('node:path');
const { XDG_CACHE_HOME = '', HOME = '' } = process.env;

const directory = [XDG_CACHE_HOME, HOME && join(HOME, '.cache')].find(isAbsolute);
if (enableCompileCache && directory) enableCompileCache(join(directory, 'hookwright'));
require('./command.cjs');
