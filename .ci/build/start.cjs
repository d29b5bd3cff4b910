#!/usr/bin/env node
// Becomes dist/hookwright.cjs. Node 22 and later can keep compiled code from run to run
// (https://nodejs.org/api/module.html#module-compile-cache). The cache is in the user's own cache directory: in the
// temporary directory, others could write code to it, and a relative path would lead into the checkout.
/* global process */
const { enableCompileCache } = require('node:module');
const { isAbsolute, join } = require('node:path');
const { XDG_CACHE_HOME = '', HOME = '' } = process.env;

const directory = [XDG_CACHE_HOME, HOME && join(HOME, '.cache')].find(isAbsolute);
if (enableCompileCache && directory) enableCompileCache(join(directory, 'hookwright'));
require('./command.cjs');
