/**
 * Files that the program writes and reads again: models in DL4J's format, and JSON. They are written whole or not at
 * all, and checked before they are used.
 */
package org.bncnn.store;
