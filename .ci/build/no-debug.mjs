// Replaces `debug`, with which https-proxy-agent prints the URL of the proxy, also its password, if the variable DEBUG is set.
export default () => () => {};
