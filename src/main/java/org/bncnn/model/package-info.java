/**
 * The reference CNN: its configuration with each norm, its initialisation, its updater, and the recipes it is trained by. Every
 * default value of the program has its one home here.
 *
 * <p>Depends on {@code norm}.
 */
package org.bncnn.model;
