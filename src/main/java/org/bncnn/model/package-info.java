/**
 * The reference CNN: its configuration with each norm, its initialisation, its updater, and the recipes it is trained
 * by. Every default value of the program stands here.
 */
package org.bncnn.model;
