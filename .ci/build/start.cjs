#!/usr/bin/env node
// Becomes dist/hookwright.cjs. The version of Node is checked first, in words that an old one understands: the rest
// would fail there, and not say why.
/* global process */
const { node } = process.versions;
if (Number(node.split('.')[0]) < 20) {
  process.stderr.write(
    `Error: hookwright requires Node.js 20 or later; this is ${node}. Nothing was done.\n`,
  );
  process.exit(3);
}

// Node 22 and later can keep compiled code from run to run
// (https://nodejs.org/api/module.html#module-compile-cache). The cache is in the user's own cache directory: in the
// temporary directory, others could write code to it, and a relative path would lead into the checkout.
const { enableCompileCache } = require('node:module');
const { isAbsolute, join } = require('node:path');
const { XDG_CACHE_HOME = '', HOME = '' } = process.env;

const directory = [XDG_CACHE_HOME, HOME && join(HOME, '.cache')].find(isAbsolute);
if (enableCompileCache && directory) enableCompileCache(join(directory, 'hookwright'));
require('./command.cjs');
